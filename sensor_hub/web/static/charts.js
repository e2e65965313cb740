// Draws a home's chart: rooms and sensors as strips, temperatures as lines, all on one axis of time.
const LINES = ["#1d5a94", "#6b3fa0", "#0f7a52", "#0b0c0c", "#a3337a", "#486b00"];
const DASHES = [[], [8, 3], [3, 3], [10, 3, 2, 3], [14, 4], [2, 2]];
const SHADES = ["#f3f6f8", "#a9cbe6", "#5b9acb", "#1d5a94", "#0c2f55"];
const HEARD = "#2f7d5b";
const MARKS = { urgent: "#b3121d", soon: "#8a5a00", notice: "#1d5a94" };
const LEVELS = [18, 16];
const pen = document.createElement("canvas").getContext("2d");
const FONT = "12px system-ui, -apple-system, Arial, sans-serif";

for (const place of document.querySelectorAll("[data-chart]")) draw(place);

async function draw(place) {
  const state = place.querySelector(".charts__state");
  try {
    const answer = await fetch(place.dataset.chart, { cache: "no-store" });
    if (answer.status === 503) { state.textContent = (await answer.json()).detail; return; }
    if (!answer.ok) throw new Error(`answer ${answer.status}`);
    const chart = await answer.json();
    chart.labels = labelsOf(chart, place.clientWidth);
    const parts = [drawMovement, drawTemperature, drawCoverage].map((part) => part(place, chart)).filter(Boolean);
    state.remove();
    const resize = () => parts.forEach(({ plot, box }) => plot.setSize({ width: box.clientWidth, height: plot.height }));
    new ResizeObserver(resize).observe(place);
  } catch (error) {
    state.textContent = `The charts could not be drawn (${error.message}). Load the page again; the tables hold the same numbers.`;
  }
}

function clockOf(chart) {
  const format = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: chart.timezone, ...options });
  return {
    time: format({ hour: "2-digit", minute: "2-digit" }),
    day: format({ weekday: "short", day: "numeric", month: "short" }),
  };
}

// The axis of time: midnight by the home's clock is named by its day.
function timeAxis(chart) {
  const clock = clockOf(chart);
  const days = (chart.end - chart.start) / 86400;
  return {
    size: 30, space: days > 1 ? 84 : 58, stroke: "#0b0c0c", font: FONT, grid: { stroke: "#e2e6e9", width: 1 },
    values: (plot, ticks) => ticks.map((at) => {
      const time = clock.time.format(at * 1000);
      return time === "00:00" ? clock.day.format(at * 1000) : time;
    }),
  };
}

function options(chart, box, height, extra) {
  return {
    width: box.clientWidth, height, padding: [6, 24, 0, 0],
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), chart.timezone),
    ...extra,
    scales: { x: { time: true, range: [chart.start, chart.end] }, ...extra.scales },
    cursor: { drag: { x: false, y: false }, y: false, ...extra.cursor },
  };
}

function drawMarks(plot, chart) {
  const { ctx, bbox } = plot;
  ctx.save();
  // Those of a year must not hide what is behind them.
  const isLong = chart.end - chart.start > 8 * 86400;
  ctx.lineWidth = (isLong ? 1 : 2) * devicePixelRatio;
  ctx.globalAlpha = isLong ? 0.5 : 1;
  ctx.setLineDash([]);
  for (const mark of chart.alerts) {
    const x = plot.valToPos(mark.at, "x", true);
    ctx.strokeStyle = MARKS[mark.urgency];
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

function hatch(ctx) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8 * devicePixelRatio;
  const brush = tile.getContext("2d");
  brush.scale(devicePixelRatio, devicePixelRatio);
  brush.fillStyle = "#f7dfe0";
  brush.fillRect(0, 0, 8, 8);
  brush.strokeStyle = "#b3121d";
  brush.lineWidth = 1.2;
  for (const shift of [-8, 0, 8]) {
    brush.beginPath();
    brush.moveTo(shift, 8);
    brush.lineTo(shift + 8, 0);
    brush.stroke();
  }
  return ctx.createPattern(tile, "repeat");
}

// Rows of names at the left, one strip each; `paint(fill, row)` fills stretches of a row, `read(row, at)` says what is there.
function drawStrips(place, chart, part, names, paint, read) {
  const box = place.querySelector(`[data-part="${part}"]`);
  if (!names.length) { box.textContent = "No sensor here measures this."; return null; }
  const readout = place.querySelector(`[data-readout="${part}"]`);
  const middle = names.map((_, row) => row + 0.5);
  const clock = clockOf(chart);
  const plot = new uPlot(options(chart, box, 38 + 26 * names.length, {
    legend: { show: false },
    scales: { y: { range: [0, names.length] } },
    axes: [timeAxis(chart), {
      size: chart.labels, gap: 6, stroke: "#0b0c0c", font: FONT, grid: { show: false }, ticks: { show: false },
      splits: middle, values: () => names.map((name) => shorten(name, chart.labels - 14)).reverse(),
    }],
    series: [{}, { show: true, paths: () => null, points: { show: false } }],
    cursor: { points: { show: false } },
    hooks: {
      draw: [(drawn) => {
        const { ctx } = drawn;
        const striped = hatch(ctx);
        const fill = (row, from, to, style) => {
          const left = drawn.valToPos(Math.max(from, chart.start), "x", true);
          const right = drawn.valToPos(Math.min(to, chart.known_until), "x", true);
          const top = drawn.valToPos(names.length - row - 0.1, "y", true);
          const bottom = drawn.valToPos(names.length - row - 0.9, "y", true);
          ctx.fillStyle = style === "hatched" ? striped : style;
          ctx.fillRect(left, top, Math.max(right - left, 1), bottom - top);
        };
        ctx.save();
        names.forEach((_, row) => paint(fill, row));
        ctx.restore();
        drawMarks(drawn, chart);
      }],
      setCursor: [(drawn) => {
        const { left, top } = drawn.cursor;
        if (left < 0) { readout.textContent = "\u00a0"; return; }
        const at = drawn.posToVal(left, "x");
        const row = Math.min(names.length - 1, Math.max(0, Math.floor(names.length - drawn.posToVal(top, "y"))));
        readout.textContent = `${names[row]}, ${clock.day.format(at * 1000)} ${clock.time.format(at * 1000)}: ${read(row, at)}`;
      }],
    },
  }), [chart.at, chart.at.map(() => null)], box);
  describe(box, `${part}: ${names.join(", ")}`);
  return { plot, box };
}

function widthOf(text) {
  pen.font = FONT;
  return pen.measureText(text).width;
}

// Room for the longest name at the left, the same in all drawings so that their times stand under each other.
function labelsOf(chart, width) {
  const names = [...chart.coverage.map((row) => row.name), ...chart.movement.map((row) => row.room), "22 °C"];
  return Math.min(Math.max(...names.map(widthOf)) + 16, width * 0.42);
}

function shorten(name, most) {
  if (widthOf(name) <= most) return name;
  let kept = name;
  while (kept.length > 1 && widthOf(`${kept}…`) > most) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}

// A drawing is one image to a screen reader; the tables below it hold the numbers.
function describe(box, text) {
  const canvas = box.querySelector("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Chart of ${text}`);
}

function drawMovement(place, chart) {
  const width = chart.at.length > 1 ? chart.at[1] - chart.at[0] : 900;
  const rows = chart.movement;
  const limit = Math.max(4, ...rows.flatMap((row) => row.counts.map((count) => count ?? 0)));
  const shade = (count) => (count === null ? "hatched" : count === 0 ? SHADES[0] : SHADES[Math.min(4, 1 + Math.floor((3.99 * count) / limit))]);
  const paint = (fill, row) => runs(rows[row].counts.map(shade), (style, from, to) => fill(row, chart.at[from], chart.at[to - 1] + width, style));
  const read = (row, at) => {
    const count = rows[row].counts[Math.floor((at - chart.start) / width)];
    if (at >= chart.known_until) return "not yet";
    return count === null || count === undefined ? "not seen" : `${count} movement${count === 1 ? "" : "s"}`;
  };
  return drawStrips(place, chart, "movement", rows.map((row) => row.room), paint, read);
}

// Calls `each(value, from, to)` for each run of equal values.
function runs(values, each) {
  for (let from = 0; from < values.length; ) {
    let to = from + 1;
    while (to < values.length && values[to] === values[from]) to += 1;
    each(values[from], from, to);
    from = to;
  }
}

function drawCoverage(place, chart) {
  const rows = chart.coverage;
  const paint = (fill, row) => {
    fill(row, chart.start, chart.end, "hatched");
    for (const [from, to] of rows[row].heard) fill(row, from, to, HEARD);
  };
  const read = (row, at) => (rows[row].heard.some(([from, to]) => from <= at && at < to) ? "heard" : at < chart.known_until ? "silent" : "not yet");
  return drawStrips(place, chart, "coverage", rows.map((row) => row.name), paint, read);
}

function drawTemperature(place, chart) {
  const box = place.querySelector('[data-part="temperature"]');
  const lines = chart.temperature.filter((line) => !line.is_outdoors);
  if (!lines.length) { box.textContent = "No sensor here measures temperature."; return null; }
  const celsius = (value) => (value === null || value === undefined ? "–" : `${value.toFixed(1)} °C`);
  const plot = new uPlot(options(chart, box, 230, {
    scales: { y: { range: (drawn, low, high) => [Math.min(15, Math.floor((low ?? 15) - 0.5)), Math.max(22, Math.ceil((high ?? 22) + 0.5))] } },
    axes: [timeAxis(chart), {
      size: chart.labels, stroke: "#0b0c0c", font: FONT, grid: { stroke: "#e2e6e9", width: 1 },
      values: (drawn, ticks) => ticks.map((value) => `${value} °C`),
    }],
    series: [
      { label: "At", value: (drawn, at) => (at === null || at === undefined ? "–" : `${clockOf(chart).day.format(at * 1000)} ${clockOf(chart).time.format(at * 1000)}`) },
      ...lines.map((line, number) => ({
        label: line.name, stroke: LINES[number % LINES.length], dash: DASHES[number % DASHES.length], width: 2,
        points: { show: false }, spanGaps: false, value: (drawn, value) => celsius(value),
      })),
    ],
    hooks: {
      draw: [(drawn) => {
        const { ctx, bbox } = drawn;
        ctx.save();
        ctx.setLineDash([]);
        ctx.lineWidth = 1.5 * devicePixelRatio;
        for (const [number, level] of LEVELS.entries()) {
          const y = drawn.valToPos(level, "y", true);
          ctx.strokeStyle = number ? "#b3121d" : "#8a5a00";
          ctx.beginPath();
          ctx.moveTo(bbox.left, y);
          ctx.lineTo(bbox.left + bbox.width, y);
          ctx.stroke();
        }
        ctx.restore();
        drawMarks(drawn, chart);
      }],
    },
  }), [chart.at, ...lines.map((line) => line.celsius)], box);
  describe(box, `temperature: ${lines.map((line) => line.name).join(", ")}`);
  return { plot, box };
}
