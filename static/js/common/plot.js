import { loadScript } from "./load_script.js";

/** The colours of the page's theme, for canvases. */
export function inks(element) {
  const style = getComputedStyle(element);
  const ink = (name) => {
    // A canvas knows no light-dark(): let a property that is a colour work it out.
    const probe = document.createElement("i");
    probe.style.color = `var(--${name})`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
  return { text: ink("ink-2"), line: ink("line"), first: ink("accent-ink"), second: ink("good"), mark: ink("warn"), font: style.fontFamily };
}

/** Draw into `place`, as wide as it is and as it becomes; `options` are uPlot's without the size. Resolves to the plot. */
export async function drawPlot(place, script, options, data, height) {
  const UPlot = await loadScript(script, "uPlot");
  const plot = new UPlot({ ...options, width: place.clientWidth, height }, data, place);
  new ResizeObserver(() => {
    if (place.clientWidth) plot.setSize({ width: place.clientWidth, height });
  }).observe(place);
  return plot;
}

/** An axis in the page's colours; `more` are uPlot's settings for it. */
export function axis({ text, line, font }, more = {}) {
  return { stroke: text, font: `12px ${font}`, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, ...more };
}
