"""Where InfluxDB is."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class InfluxAddress:
    """The server, the buckets in it, and what they are to keep for how long."""

    url: str
    token: str = field(repr=False)
    org: str
    bucket: str
    """Of readings; a database in the words of InfluxDB 1 and 3."""
    hours_bucket: str
    """Of hours: another, since it is kept for longer."""
    reading_days: float | None = None
    """None: for ever, or as the bucket that is there says."""
    hour_days: float | None = None
    ca: str | None = None

    @property
    def buckets(self) -> dict[str, float | None]:
        """Both, with the days that they keep."""
        return {self.bucket: self.reading_days, self.hours_bucket: self.hour_days}
