import { clock } from "../common/format.js";

const DIGITS = 7;

/** Shows, above the seek bar, what the film looks like at the place one points to. */
export function connectStoryboard(stage, range) {
  const { storyboardUrl, storyboardCount, storyboardIntervalMs } = stage.dataset;
  const preview = stage.querySelector("[data-storyboard]");
  if (!preview || !(storyboardCount > 0)) return;
  const picture = preview.querySelector("img");
  const time = preview.querySelector("time");

  const show = (part) => {
    const ms = Number(range.min) + part * (range.max - range.min);
    const number = Math.min(storyboardCount - 1, Math.floor(ms / storyboardIntervalMs));
    const url = `${storyboardUrl}${String(number).padStart(DIGITS, "0")}.jpg`;
    if (picture.getAttribute("src") !== url) picture.src = url;
    time.textContent = clock(ms - range.min);
    preview.hidden = false;
    const room = range.offsetWidth - preview.offsetWidth;
    const left = Math.min(Math.max(0, part * range.offsetWidth - preview.offsetWidth / 2), Math.max(0, room));
    preview.style.setProperty("--at", `${range.offsetLeft + left}px`);
  };
  const hide = () => {
    preview.hidden = true;
  };
  range.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = range.getBoundingClientRect();
    show(Math.min(1, Math.max(0, (clientX - left) / width)));
  });
  for (const type of ["pointerleave", "pointercancel", "change", "blur"]) range.addEventListener(type, hide);
}
