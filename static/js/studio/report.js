import "../site/site.js";
import { compact } from "../common/format.js";
import { axis, drawPlot, inks } from "../common/plot.js";

const HEIGHT = 280;
const STEPS_S = [60, 120, 300, 600, 900, 1800, 3600, 7200];

for (const figure of document.querySelectorAll("[data-curve]")) draw(figure);

async function draw(figure) {
  const texts = figure.dataset;
  const now = figure.querySelector("[data-curve-now]");
  try {
    const response = await fetch(texts.curve);
    if (!response.ok) throw new Error(response.status);
    const { points, marks } = await response.json();
    const columns = ["at", "viewers", "chat_per_minute"].map((name) => points.map((point) => point[name]));
    await drawPlot(figure.querySelector(".plot-canvas"), texts.uplot, options(figure, marks, now), columns, HEIGHT);
  } catch {
    now.textContent = texts.textFailed;
  }
}

function time(seconds) {
  return new Date(seconds * 1000).toTimeString().slice(0, 5);
}

function options(figure, marks, now) {
  const texts = figure.dataset;
  const colours = inks(figure);
  const upTo = (_, __, most) => [0, Math.max(4, Math.ceil((most || 0) * 1.1))];
  const whole = (_, values) => values.map((value) => (Number.isInteger(value) ? compact(value) : ""));
  return {
    legend: { show: false },
    cursor: { y: false },
    scales: { viewers: { range: upTo }, chat: { range: upTo } },
    series: [
      {},
      { scale: "viewers", label: texts.textViewers, stroke: colours.first, width: 2 },
      { scale: "chat", label: texts.textChat, stroke: colours.second, width: 1, dash: [4, 4] },
    ],
    axes: [
      axis(colours, { incrs: STEPS_S, values: (_, moments) => moments.map(time) }),
      axis(colours, { scale: "viewers", size: 48, values: whole }),
      axis(colours, { scale: "chat", side: 1, size: 40, grid: { show: false }, values: whole }),
    ],
    hooks: {
      drawClear: [(plot) => drawMarks(plot, marks, colours)],
      setCursor: [(plot) => (now.textContent = inWords(plot, marks, texts))],
    },
  };
}

/** Pins as stretches below, deals as stretches above, behind the lines. */
function drawMarks(plot, marks, { first, mark }) {
  const { ctx, bbox } = plot;
  const middle = bbox.top + bbox.height / 2;
  ctx.save();
  ctx.globalAlpha = 0.14;
  for (const { kind, since, until } of marks) {
    const left = Math.max(bbox.left, plot.valToPos(since, "x", true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(until, "x", true));
    if (right <= left) continue;
    ctx.fillStyle = kind === "deal" ? mark : first;
    ctx.fillRect(left, kind === "deal" ? bbox.top : middle, Math.max(2, right - left - 2), bbox.height / 2);
  }
  ctx.restore();
}

function inWords(plot, marks, { textViewers, textChat }) {
  const { idx } = plot.cursor;
  if (idx === null || idx === undefined) return "";
  const [at, viewers, chat] = plot.data.map((column) => column[idx]);
  const running = marks.filter(({ since, until }) => since <= at && at <= until).map(({ title }) => title);
  return [time(at), `${textViewers} ${compact(viewers)}`, `${textChat} ${compact(chat)}`, ...running].join(" · ");
}
