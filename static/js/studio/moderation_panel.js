import { isTouched } from "../common/touched.js";

const NEWS = {
  "chat.rules": "chat:rules",
  "chat.hidden": "chat:hidden",
  "chat.shown": "chat:hidden",
  "chat.member_restricted": "chat:restricted",
};
const PAUSE_MS = 300;

/**
 * The moderation part of the control room: it is fetched anew when somebody else changed something, but not under
 * somebody's hands; a canned reply goes into the composer.
 */
export function followModeration(page, room) {
  const waiting = new Set();
  const fetchSoon = (name) => {
    if (waiting.has(name)) return;
    waiting.add(name);
    setTimeout(() => {
      waiting.delete(name);
      if (partsOf(name).some(isTouched)) fetchSoon(name);
      else document.body.dispatchEvent(new CustomEvent(name));
    }, PAUSE_MS);
  };
  for (const [type, name] of Object.entries(NEWS)) room.addEventListener(type, () => fetchSoon(name));
  // The typing may have begun while the answer was on its way.
  document.addEventListener("htmx:before:swap", (event) => {
    const name = Object.values(NEWS).find((each) => partsOf(each).includes(event.target));
    if (!name || !isTouched(event.target)) return;
    event.preventDefault();
    fetchSoon(name);
  });
  page.addEventListener("click", (event) => {
    const reply = event.target.closest("[data-canned-reply]");
    const input = page.querySelector("[data-composer]")?.elements.text;
    if (!reply || !input) return;
    input.value = reply.textContent;
    input.focus();
  });
}

/** The parts that are fetched anew at this event. */
function partsOf(name) {
  return [...document.querySelectorAll(`.moderation-part[hx-trigger*="${name}"]`)];
}
