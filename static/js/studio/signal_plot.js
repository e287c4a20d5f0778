import { fill, grouped } from "../common/format.js";
import { axis, drawPlot, inks } from "../common/plot.js";
import { serverNow } from "../common/server_clock.js";

const KEPT = 200;
const HEIGHT = 140;
const GAP_S = 20;

/** What arrives from the encoder over the last minutes: the past from the server, then what the page's poll brings. */
export async function drawSignal(figure) {
  if (!figure) return;
  const place = figure.querySelector(".plot-canvas");
  const samples = await past(figure.dataset.samples);
  let plot = null;

  const show = async () => {
    if (samples.length < 2) return;
    figure.hidden = false;
    figure.querySelector("figcaption").textContent = inWords(figure.dataset, samples);
    if (plot) (await plot).setData(columns(samples));
    else plot = drawPlot(place, figure.dataset.uplot, options(figure), columns(samples), HEIGHT);
  };
  document.addEventListener("htmx:after:swap", () => {
    const { kbps, fps } = document.querySelector("#signal")?.dataset ?? {};
    const at = Math.round(serverNow() / 1000);
    if (kbps === undefined || at <= (samples.at(-1)?.[0] ?? 0)) return;
    samples.push([at, Number(kbps), Number(fps)]);
    if (samples.length > KEPT) samples.shift();
    show();
  });
  show();
}

async function past(address) {
  try {
    const response = await fetch(address);
    return response.ok ? (await response.json()).samples : [];
  } catch {
    return []; // it then begins now
  }
}

/** Where nothing was sent there is no line. */
function columns(samples) {
  const rows = samples.flatMap((sample, number) => {
    const before = samples[number - 1];
    return before && sample[0] - before[0] > GAP_S ? [[before[0] + 1, null, null], sample] : [sample];
  });
  return [0, 1, 2].map((column) => rows.map((row) => row[column]));
}

function inWords(texts, samples) {
  const mean = (column) => samples.reduce((sum, row) => sum + row[column], 0) / samples.length;
  const minutes = Math.max(1, Math.round((samples.at(-1)[0] - samples[0][0]) / 60));
  return fill(texts.textCaption, { m: minutes, kbps: grouped(Math.round(mean(1))), fps: Math.round(mean(2)) });
}

function options(figure) {
  const colours = inks(figure);
  return {
    cursor: { show: false },
    legend: { show: false },
    scales: { kbps: { range: (_, __, most) => [0, (most || 1) * 1.2] }, fps: { range: (_, __, most) => [0, (most || 1) * 1.2] } },
    series: [
      {},
      { scale: "kbps", label: figure.dataset.textKbps, stroke: colours.first, width: 2 },
      { scale: "fps", label: figure.dataset.textFps, stroke: colours.second, width: 1, dash: [4, 4] },
    ],
    axes: [
      axis(colours, { incrs: [60, 120, 300, 600], values: (_, moments) => moments.map((moment) => new Date(moment * 1000).toTimeString().slice(0, 5)) }),
      axis(colours, { scale: "kbps", size: 56, label: figure.dataset.textKbps, labelSize: 16, labelFont: `12px ${colours.font}` }),
      axis(colours, { scale: "fps", side: 1, size: 36, grid: { show: false }, label: figure.dataset.textFps, labelSize: 16, labelFont: `12px ${colours.font}` }),
    ],
  };
}
