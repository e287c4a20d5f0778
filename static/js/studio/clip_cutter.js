import "../site/site.js";
import { clock, fill } from "../common/format.js";
import { ReplayVideo } from "../player/replay_video.js";

const DEFAULT_MS = 30_000;

const form = document.querySelector("[data-cutter]");
const replay = new ReplayVideo(document.querySelector("[data-replay]"));
const { shortestMs, longestMs, beginMs } = form.dataset;
const handles = { start: part("[data-handle=start]"), end: part("[data-handle=end]") };
const fields = { start: form.elements.start, end: form.elements.end };
const span = { start: 0, end: 0 };
let stopAt = null;

function part(selector) {
  return form.querySelector(selector);
}

/** "1:23.4" → 83400; NaN for what is no time. */
function parsed(text) {
  const [seconds, minutes, hours = 0] = text.split(":").reverse().map(Number);
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

function written(ms) {
  const tenths = Math.floor((ms % 1000) / 100);
  return tenths ? `${clock(ms)}.${tenths}` : clock(ms);
}

/** Move one end; the other follows so that the length stays possible. */
function move(which, ms, { write = true } = {}) {
  const place = Math.min(replay.length, Math.max(0, ms));
  span[which] = place;
  if (which === "start") {
    span.end = Math.min(replay.length, Math.min(Math.max(span.end, place + Number(shortestMs)), place + Number(longestMs)));
  } else {
    span.start = Math.max(0, Math.max(Math.min(span.start, place - Number(shortestMs)), place - Number(longestMs)));
  }
  show(write ? null : which);
}

/** `typing`: the field that somebody writes in is left alone. */
function show(typing) {
  for (const which of ["start", "end"]) {
    handles[which].value = span[which];
    handles[which].setAttribute("aria-valuetext", clock(span[which]));
    if (which !== typing) fields[which].value = written(span[which]);
  }
  const bar = part("[data-bar]").style;
  bar.setProperty("--from", `${(100 * span.start) / replay.length}%`);
  bar.setProperty("--to", `${(100 * span.end) / replay.length}%`);
  const length = span.end - span.start;
  const { textLength, textShort, textLong } = form.dataset;
  const text = length < shortestMs ? textShort : length > longestMs ? textLong : textLength;
  part("[data-length]").textContent = fill(text, Math.round(length / 100) / 10);
  part("[data-submit]").disabled = length < shortestMs || length > longestMs;
}

for (const [which, handle] of Object.entries(handles)) {
  handle.max = replay.length;
  handle.addEventListener("input", () => {
    stopAt = null;
    replay.pause();
    move(which, Number(handle.value));
    replay.seek(span[which]);
  });
  fields[which].addEventListener("change", () => {
    const ms = parsed(fields[which].value);
    if (Number.isFinite(ms)) move(which, ms);
  });
}

form.addEventListener("click", ({ target }) => {
  const set = target.closest("[data-set]");
  if (set) move(set.dataset.set, replay.ms);
  if (target.closest("[data-preview]")) {
    replay.seek(span.start);
    stopAt = span.end;
    replay.play();
  }
});

replay.follow((ms) => {
  part("[data-bar]").style.setProperty("--now", `${(100 * ms) / replay.length}%`);
  if (stopAt !== null && ms >= stopAt) {
    stopAt = null;
    replay.pause();
  }
});

const begin = Number(beginMs);
span.start = Math.max(0, begin - DEFAULT_MS / 2);
span.end = Math.min(replay.length, span.start + DEFAULT_MS);
if (begin) replay.seek(begin);
show(null);
