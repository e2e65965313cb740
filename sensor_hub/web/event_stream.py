"""One stream of events: what somebody may hear of, from where they left off, for as long as they may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from anyio import CapacityLimiter, to_thread
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from sensor_hub.model.change import Change, What
from sensor_hub.web.bounds import Bounds
from sensor_hub.web.event_ports import HubChanges, Place
from sensor_hub.web.event_sight import hears
from sensor_hub.web.event_text import end_text, event_text, lost_text, time_text

TIME_EVERY = 10.0
"""Seconds after which the hub at least says that it is there; then it also looks whether one still may listen."""
LONGEST = 3600.0
"""Seconds; whoever goes on listening comes back."""
SENT_WITHIN = 20.0
"""Seconds for one message, for who reads slowly."""
AT_ONCE = 500
NOT_SO_FAST = 0.05
"""Seconds between two reads of the store by one who catches up."""
SIGNED_OUT = "who listens may do so no more: sign in again"
TOO_SLOW = "too slow: go on from the last id"
TOO_LONG = "an hour is over: go on from the last id"
STOPS = "the hub stops: go on from the last id"


class EventAnswer(StreamingResponse):
    """Whoever takes too long to read is cut off. `leave` is called when it is over, however it ends."""

    media_type = "text/event-stream"

    def __init__(self, texts: AsyncGenerator[bytes], leave: Callable[[], object]) -> None:
        # Proxies are not to wait until there is more.
        super().__init__(texts, headers={"X-Accel-Buffering": "no"})
        self._texts = texts
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(SENT_WITHIN):
                await send(message)

        try:
            # Where it took too long it ends without the answer's end: the server closes the connection.
            with suppress(TimeoutError):
                await super().__call__(scope, receive, send_in_time)
        finally:
            self._leave()
            await self._texts.aclose()


@dataclass(slots=True)
class EventStream:
    changes: HubChanges
    place: Place
    bounds: Bounds
    look_again: Callable[[], Awaitable[Bounds | None]]
    """How far they see now; None: they may not listen any more."""
    now: Callable[[], float]
    is_ready: Callable[[], bool]
    """Whether the hub watches."""
    threads: CapacityLimiter
    is_lost: bool = False
    """Whether changes before `place` are missing."""
    _is_live: bool = field(default=False, init=False)

    async def texts(self) -> AsyncGenerator[bytes]:
        """Ends by itself, and says why."""
        loop = asyncio.get_running_loop()
        with self.changes.listening():
            # With it, or before it, nobody may be told to go on behind it.
            if self.is_lost:
                yield lost_text(self.place)
            yield await self._time()
            ends_at, time_at = loop.time() + LONGEST, loop.time() + TIME_EVERY
            while not self.changes.is_closing:
                found = await self._following()
                if found is None:
                    yield end_text(TOO_SLOW)
                    return
                if self._asks(found) or loop.time() >= time_at:
                    now = await self.look_again()
                    if now is None:
                        yield end_text(SIGNED_OUT)
                        return
                    self.bounds = now
                if text := self._pass(found):
                    yield text
                if loop.time() >= ends_at:
                    yield end_text(TOO_LONG)
                    return
                if loop.time() >= time_at:
                    yield await self._time()
                    time_at = loop.time() + TIME_EVERY
                if not found:
                    await self.changes.news(self.place.position, max(min(time_at, ends_at) - loop.time(), 0))
                    # What was read for all may be ahead of what is left of it in the store.
                    await asyncio.sleep(0 if self._is_live else NOT_SO_FAST)
            yield end_text(STOPS)

    async def _following(self) -> Sequence[Change] | None:
        """What comes next; None where it came faster than it was read."""
        position = self.place.position
        found = self.changes.recent(position)
        if found is not None:
            self._is_live = True
            return found[:AT_ONCE]
        if self._is_live:
            return None
        return await to_thread.run_sync(self.changes.after, position, AT_ONCE, limiter=self.threads)

    def _asks(self, found: Sequence[Change]) -> bool:
        """Whether, with these, somebody's sight may have changed."""
        theirs = self.bounds.who.homes or ()
        return any(
            each.what is What.ACCESS or (each.what is What.CONSENT_CHANGED and each.home in theirs) for each in found
        )

    def _pass(self, found: Sequence[Change]) -> bytes:
        if found:
            self.place = Place(found[-1].position, found[-1].mark)
        return b"".join(event_text(each) for each in found if hears(self.bounds, each))

    async def _time(self) -> bytes:
        is_ready = await to_thread.run_sync(self.is_ready, limiter=self.threads)
        return time_text(self.place, self.now(), is_watching=is_ready and self.changes.is_well)
