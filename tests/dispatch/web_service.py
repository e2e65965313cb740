"""A web service on a free loopback port that answers as it is told: for those of others, which no test can reach."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


@dataclass
class WebService:
    """`status` 0: it hangs up on a request that it has read. `silent`: it says nothing until it is stopped."""

    status: int = 200
    answer: object = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    asked: list[Asked] = field(default_factory=list)
    tls: ssl.SSLContext | None = None

    def __enter__(self) -> WebService:
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Talk", (_Talk,), {"service": self}))
        self._server.daemon_threads = True
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def wait(self) -> None:
        self._released.wait(20)


class _Talk(BaseHTTPRequestHandler):
    service: WebService

    def do_POST(self) -> None:
        service = self.service
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        service.asked.append(Asked(self.command, self.path, dict(self.headers), body))
        if service.silent:
            service.wait()
        if service.silent or service.status == 0:
            self.close_connection = True
            return
        answer = json.dumps(service.answer).encode() if not isinstance(service.answer, bytes) else service.answer
        self.send_response(service.status)
        for name, value in service.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass
