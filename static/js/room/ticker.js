import { fill } from "../common/format.js";

const SHOWN_MS = 5000;
const LEAST_MS = 2000;

/**
 * Who did just now what the room tells under `type`, one line at a time: what comes while one is being read is told
 * together after it. `line` holds the texts; `tell` gets what was told, for whatever else stands in the line.
 */
export function followTicker(line, room, type, tell = () => {}) {
  const { textOne, textMany } = line.dataset;
  let newest = -1;
  let waiting = null;
  let isRead = true;
  let hiding = 0;

  function show() {
    const told = waiting;
    waiting = null;
    const text = told.count > 1 ? textMany : textOne;
    line.querySelector("[data-ticker-text]").textContent = fill(text, { name: told.name, n: told.count - 1 });
    tell(told);
    line.hidden = false;
    isRead = false;
    clearTimeout(hiding);
    hiding = setTimeout(() => (line.hidden = true), SHOWN_MS);
    setTimeout(() => {
      isRead = true;
      if (waiting) show();
    }, LEAST_MS);
  }

  room.addEventListener(type, ({ detail }) => {
    if (detail.version <= newest) return;
    newest = detail.version;
    waiting = { ...detail, count: detail.count + (waiting?.count ?? 0) };
    if (isRead) show();
  });
}
