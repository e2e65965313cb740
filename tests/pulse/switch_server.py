"""A dead man's switch on a free loopback port."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class SwitchServer:
    """`told` are the paths asked for, `bodies` what came with them; `status` is what it answers."""

    def __init__(self, port: int = 0) -> None:
        self.told: list[str] = []
        self.bodies: list[str] = []
        self.status = 200
        outer = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                outer.bodies.append(self.rfile.read(length).decode())
                outer.told.append(self.path)
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Answer)
        self.url = f"http://127.0.0.1:{self._server.server_port}/ping/secret"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def signals(self) -> list[str]:
        """What came behind the switch's own path: nothing is a success."""
        return [path.removeprefix("/ping/secret") for path in self.told]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
