import { clock } from "../common/format.js";

const NEAR_PX = 8;

/** The chapters of a replay: marks on its seek bar, and links that jump without loading the page anew. */
export function followChapters(page, stage) {
  const video = stage.querySelector("[data-video]");
  const startsAt = Number(stage.dataset.startsAtMs);
  const length = Number(stage.dataset.durationMs) - startsAt;
  const here = (link) => link.dataset.part === stage.dataset.part;
  const links = () => [...page.querySelectorAll("a[data-chapter]")].filter(here);

  page.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-chapter]");
    if (!link || !here(link) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    video.currentTime = (startsAt + Number(link.dataset.ms)) / 1000;
    video.play().catch(() => {}); // a tap on the picture starts it then
    page.querySelector("[data-lineup-close]")?.click();
  });

  const listed = [...page.querySelectorAll(".chapters a[data-chapter]")].filter(here);
  video.addEventListener("timeupdate", () => {
    const ms = video.currentTime * 1000 - startsAt + 500;
    const now = links().filter((link) => Number(link.dataset.ms) <= ms && link.closest(".chapters"));
    const last = now.reduce((best, link) => Math.max(best, Number(link.dataset.ms)), -1);
    for (const link of listed) {
      if (Number(link.dataset.ms) === last) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  });

  const first = page.querySelector(".chapters");
  if (first) drawMarks(stage, [...first.querySelectorAll("a[data-chapter]")].filter(here), length);
}

function drawMarks(stage, links, length) {
  const range = stage.querySelector("[data-seek-range]");
  const marks = document.createElement("span");
  const name = document.createElement("output");
  marks.className = "seek-marks";
  name.className = "seek-name";
  name.hidden = true;
  marks.setAttribute("aria-hidden", "true");
  for (const link of links) {
    const mark = document.createElement("i");
    mark.style.setProperty("--at", `${(100 * Number(link.dataset.ms)) / length}%`);
    marks.append(mark);
  }
  range.after(marks, name);

  range.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = range.getBoundingClientRect();
    const ms = ((clientX - left) / width) * length;
    const slack = (NEAR_PX / width) * length;
    const chapter = links.filter((link) => Number(link.dataset.ms) <= ms + slack).at(-1);
    name.hidden = !chapter;
    if (!chapter) return;
    name.textContent = `${clock(ms)} ${chapter.querySelector("span").textContent}`;
    const middle = clientX - left - name.offsetWidth / 2;
    name.style.setProperty("--at", `${Math.min(Math.max(0, middle), Math.max(0, width - name.offsetWidth))}px`);
  });
  for (const type of ["pointerleave", "pointercancel", "blur"]) {
    range.addEventListener(type, () => {
      name.hidden = true;
    });
  }
}
