import { clock, fill } from "./format.js";
import { serverNow } from "./server_clock.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SECOND_MS = 1000;

function words(left, { textDays, textLeft, textOver }) {
  if (left <= 0) return textOver;
  // A day and more is told in days, what is nearer to the second.
  return left >= DAY_MS ? fill(textDays, Math.floor(left / DAY_MS)) : fill(textLeft, clock(left + SECOND_MS - 1));
}

function show(time, texts) {
  const left = Date.parse(time.dateTime) - serverNow();
  const text = words(left, texts);
  if (time.textContent !== text) time.textContent = text;
  time.toggleAttribute("data-near", left > 0 && left < HOUR_MS);
  if (left <= 0 && !("over" in time.dataset)) {
    time.dataset.over = "";
    time.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
  }
}

function showAll() {
  for (const time of document.querySelectorAll("time[data-until]")) {
    const texts = time.closest("[data-text-days]")?.dataset;
    if (texts) show(time, texts);
  }
}

showAll();
document.addEventListener("htmx:after:swap", showAll);
setInterval(() => {
  if (!document.hidden) showAll();
}, SECOND_MS);
document.addEventListener("visibilitychange", showAll);
