"""Messages that wait until it is known what they mean."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Set

from gateway.adapters.message import Message

OVERHEAD = 300
"""Bytes of memory that a message takes besides its payload."""

DROPPED = "a held message of a device that was never described was dropped"


class Held:
    """Messages that wait for their device to be described, in order; the oldest give way when there are too many."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._messages: deque[tuple[str, Message]] = deque()
        self._names: Counter[str] = Counter()
        self._bytes = 0

    def has(self, name: str) -> bool:
        return self._names[name] > 0

    def add(self, name: str, message: Message) -> list[str]:
        """The names of those that had to give way."""
        self._messages.append((name, message))
        self._names[name] += 1
        self._bytes += size_of(message)
        dropped: list[str] = []
        while self._bytes > self._most:
            oldest, gone = self._messages.popleft()
            self._bytes -= size_of(gone)
            self._names[oldest] -= 1
            if not self._names[oldest]:
                del self._names[oldest]
            dropped.append(oldest)
        return dropped

    def take(self, names: Set[str]) -> list[tuple[str, Message]]:
        """Those of these names, which are held no longer."""
        if self._names.keys().isdisjoint(names):
            return []
        taken = [held for held in self._messages if held[0] in names]
        self._messages = deque(held for held in self._messages if held[0] not in names)
        self._names = Counter(name for name, _ in self._messages)
        self._bytes = sum(size_of(message) for _, message in self._messages)
        return taken


def size_of(message: Message) -> int:
    return len(message.payload) + len(message.topic) + OVERHEAD
