"""A chart as a picture for mails: the page's drawing, in its colours, with nothing that has to be fetched."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont

from sensor_hub.model.moment import DAY, HOUR, local
from sensor_hub.web.chart import Chart, Line, Mark, Strip

SCALE = 2
"""Points of the picture for one of the mail: sharp on telephones."""
WIDTH, LABELS, MARGIN = 640, 118, 12
STRIP, GAP, AXIS, TEMPERATURE = 18, 4, 20, 120
INK, FAINT, PAPER = "#0b0c0c", "#c8cfd4", "#ffffff"
SHADES = ("#f3f6f8", "#a9cbe6", "#5b9acb", "#1d5a94", "#0c2f55")
"""No movement to the most that the chart has."""
UNSEEN, UNSEEN_LINE = "#f7dfe0", "#b3121d"
LINES = ("#1d5a94", "#6b3fa0", "#0f7a52", "#0b0c0c", "#a3337a", "#486b00")
MARKS = {"urgent": "#b3121d", "soon": "#8a5a00", "notice": "#1d5a94"}
BANDS = ((1.1, 3), (3.1, 12), (7.1, 24))
"""Up to so many days there is a mark of the time each so many hours."""


def draw_chart(chart: Chart) -> bytes:
    """A PNG of movements by room and of temperatures; a red hatch is a time at which nothing was heard."""
    drawing = _Drawing(chart)
    drawing.draw()
    out = io.BytesIO()
    drawing.image.save(out, "PNG")
    return out.getvalue()


def describe_chart(chart: Chart) -> str:
    """The same in words, for who does not see it."""
    zone = ZoneInfo(chart.timezone)
    start, end = (local(at, zone) for at in (chart.start, chart.known_until))
    span = f"from {start:%H:%M, %A} {start.day} {start:%B} to {end:%H:%M, %A} {end.day} {end:%B}"
    words = [f"Chart of home {chart.home} {span}."]
    words += [_strip_words(strip, chart, zone) for strip in chart.movement]
    words += [_line_words(line) for line in _drawn(chart)]
    return " ".join(words)


def _strip_words(strip: Strip, chart: Chart, zone: ZoneInfo) -> str:
    moved = [at for at, count in zip(chart.at, strip.counts, strict=True) if count]
    room = strip.room[:1].upper() + strip.room[1:]
    if not moved:
        return f"{room}: no movement seen."
    last = local(moved[-1], zone)
    return f"{room}: last movement about {last:%H:%M, %A}."


def _line_words(line: Line) -> str:
    known = [value for value in line.celsius if value is not None]
    name = line.name[:1].upper() + line.name[1:]
    return f"{name}: {min(known):.1f} to {max(known):.1f} °C, {known[-1]:.1f} °C at the end."


def _drawn(chart: Chart) -> list[Line]:
    """Those of rooms that were heard: the one outdoors would squeeze them together."""
    lines = [line for line in chart.temperature if not line.is_outdoors]
    return [line for line in lines if any(value is not None for value in line.celsius)]


class _Drawing:
    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.zone = ZoneInfo(chart.timezone)
        self.lines = _drawn(chart)
        self.most = max((count for strip in chart.movement for count in strip.counts if count), default=1)
        height = MARGIN * 2 + len(chart.movement) * (STRIP + GAP) + AXIS
        height += TEMPERATURE + AXIS if self.lines else 0
        self.image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), PAPER)
        self.pen = ImageDraw.Draw(self.image)
        self.font = ImageFont.load_default(12 * SCALE)

    def draw(self) -> None:
        top = MARGIN
        for strip in self.chart.movement:
            self._strip(strip, top)
            top += STRIP + GAP
        self._axis(MARGIN, top)
        if self.lines:
            self._temperature(top + AXIS, top + AXIS + TEMPERATURE)
            self._axis(top + AXIS, top + AXIS + TEMPERATURE)
        for mark in self.chart.alerts:
            self._mark(mark, MARGIN, top)
            if self.lines:
                self._mark(mark, top + AXIS, top + AXIS + TEMPERATURE)

    def _strip(self, strip: Strip, top: float) -> None:
        self._text(LABELS - 8, top + STRIP / 2, strip.room[:1].upper() + strip.room[1:], anchor="rm")
        width = (self.chart.end - self.chart.start) / len(self.chart.at)
        for at, count in zip(self.chart.at, strip.counts, strict=True):
            left, right = self._x(at), self._x(min(at + width, self.chart.known_until))
            if right <= left:
                continue
            box = [left * SCALE, top * SCALE, right * SCALE, (top + STRIP) * SCALE]
            if count is None:
                self.pen.rectangle(box, fill=UNSEEN)
                self.pen.line([box[0], box[3], box[2], box[1]], fill=UNSEEN_LINE)
            else:
                self.pen.rectangle(box, fill=self._shade(count))

    def _shade(self, count: int) -> str:
        if count == 0:
            return SHADES[0]
        return SHADES[1 + min(3, (count - 1) * 4 // max(1, self.most))]

    def _temperature(self, top: float, bottom: float) -> None:
        values = [value for line in self.lines for value in line.celsius if value is not None]
        low, high = int(min(values)) - 1, int(max(values)) + 2

        def height(value: float) -> float:
            return bottom - (bottom - top) * (value - low) / (high - low)

        for value in _ticks(low, high):
            self._line([(LABELS, height(value)), (WIDTH - MARGIN, height(value))], FAINT)
            self._text(LABELS - 8, height(value), f"{value} °C", anchor="rm")
        left = float(LABELS + 4)
        for number, line in enumerate(self.lines):
            colour = LINES[number % len(LINES)]
            for points in _pieces(self.chart.at, line.celsius):
                self._line([(self._x(at), height(value)) for at, value in points], colour, 2)
            self._text(left, top + 8, line.name, anchor="lm", fill=colour)
            left += self.font.getlength(line.name) / SCALE + 24

    def _axis(self, top: float, bottom: float) -> None:
        days = (self.chart.end - self.chart.start) / DAY
        every = next(hours for most, hours in BANDS if days <= most)
        for at in _moments(self.chart, self.zone, every):
            moment = local(at, self.zone)
            self._line([(self._x(at), bottom), (self._x(at), bottom + 4)], INK)
            words = f"{moment:%a} {moment.day}" if moment.hour == 0 else f"{moment:%H:%M}"
            self._text(self._x(at), bottom + 12, words, anchor="mm")
        self._line([(LABELS, bottom), (WIDTH - MARGIN, bottom)], INK)

    def _mark(self, mark: Mark, top: float, bottom: float) -> None:
        self._line([(self._x(mark.at), top), (self._x(mark.at), bottom)], MARKS[mark.urgency], 2)

    def _x(self, at: float) -> float:
        share = (at - self.chart.start) / (self.chart.end - self.chart.start)
        return LABELS + (WIDTH - MARGIN - LABELS) * share

    def _line(self, points: Sequence[tuple[float, float]], colour: str, width: int = 1) -> None:
        self.pen.line([(x * SCALE, y * SCALE) for x, y in points], fill=colour, width=width * SCALE)

    def _text(self, x: float, y: float, words: str, *, anchor: str, fill: str = INK) -> None:
        self.pen.text((x * SCALE, y * SCALE), words, fill=fill, font=self.font, anchor=anchor)


def _ticks(low: int, high: int) -> range:
    """Not more than five or so."""
    step = max(1, -(-(high - low) // 5))
    return range(low + 1, high, step)


def _moments(chart: Chart, zone: ZoneInfo, every: int) -> Iterator[float]:
    """Each hour of the home's clock that has a mark; on the days of clock changes too."""
    at = chart.start - chart.start % HOUR
    while at < chart.end:
        moment = local(at, zone)
        if at >= chart.start and moment.minute == 0 and moment.hour % every == 0:
            yield at
        at += HOUR


def _pieces(edges: Sequence[float], values: Sequence[float | None]) -> Iterator[list[tuple[float, float]]]:
    """The stretches in which the value is known, each of two points or more."""
    piece: list[tuple[float, float]] = []
    for at, value in [*zip(edges, values, strict=True), (0.0, None)]:
        if value is not None:
            piece.append((at, value))
        elif piece:
            yield piece if len(piece) > 1 else [piece[0], (piece[0][0] + 1.0, piece[0][1])]
            piece = []
