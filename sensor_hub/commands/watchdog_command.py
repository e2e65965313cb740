"""The program beside the hub: `sensor-hub watchdog`."""

from __future__ import annotations

import hashlib
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensor_hub.model.problem import InputError

if TYPE_CHECKING:
    from sensor_hub.settings import Settings

CONFIG = Annotated[Path, typer.Option("--config", metavar="FILE", help="the hub's settings")]
DEFAULT_CONFIG = Path("hub.toml")


def watchdog_command(config: CONFIG = DEFAULT_CONFIG) -> None:
    """Tells the operator when the hub stands still, once each time. Runs beside the hub."""
    from sensor_hub.clock import Clock
    from sensor_hub.logs import set_up_logs
    from sensor_hub.pulse.watchdog import Watchdog
    from sensor_hub.settings import read_settings

    settings = read_settings(config)
    set_up_logs(settings.log)
    if settings.watch.operator is None:
        raise InputError("nobody to tell", where=f"{config}, [watch]", expected="operator, an Apprise URL")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    operator = MailedOperator(settings, settings.watch.operator)
    after = settings.watch.rhythm.standstill
    typer.echo(f"Watching the hub in {settings.data}: {after:g} s without a heartbeat are told.")
    Watchdog(settings.data, operator, after=after, monotonic=Clock().monotonic).run(stopping)


class MailedOperator:
    """Whoever reads the operator's address."""

    def __init__(self, settings: Settings, address: str) -> None:
        from sensor_hub.alerts.contact import Contact
        from sensor_hub.clock import Clock
        from sensor_hub.dispatch.carriers import notifier_of

        self.settings = settings
        self.contact = Contact("operator", address)
        self.notifier = notifier_of(settings.data, Clock().wall)

    def tell(self, last_beat: str) -> None:
        """See `pulse.watchdog.Operator`."""
        from sensor_hub.alerts.notice import SIMULATED, SIMULATED_LINE, Notice
        from sensor_hub.dispatch.ports import NotifyError
        from sensor_hub.model.kind import Urgency
        from sensor_hub.pulse.watchdog import TellError

        title = "URGENT: the sensor hub stands still"
        body = (
            f"The hub at {self.settings.url} was last seen to work: {last_beat}.\n"
            "While it stands still no home is watched and nobody is told of anything.\n\n"
            "Look at its machine and its log, and start it again. This is said once for each standstill.\n"
        )
        if self.settings.pace is not None:
            title, body = SIMULATED + title, f"{SIMULATED_LINE}\n\n{body}"
        try:
            # Another standstill is another mail: mail programs show one with the same reference once.
            reference = f"watchdog-{hashlib.sha256(last_beat.encode()).hexdigest()[:10]}"
            self.notifier.send(Notice(reference, "", self.contact.id, Urgency.URGENT, title, body), self.contact)
        except NotifyError as error:
            raise TellError(str(error)) from error
