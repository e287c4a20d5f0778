import { compact, fill } from "../common/format.js";

/** Keep the number of viewers up to date wherever the page shows it. */
export function followViewers(root, room) {
  room.addEventListener("viewers", ({ detail: { count } }) => {
    const text = root.querySelector("[data-viewers-text]");
    if (text) text.textContent = fill(root.dataset.textViewers, compact(count));
    const bare = root.querySelector("[data-viewers-count]");
    if (bare) bare.textContent = compact(count);
  });
}
