"""The names of this machine."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
