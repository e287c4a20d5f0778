import { compact, fill, grouped } from "../common/format.js";

const EVERY_MS = 1000;
const STALE_AFTER = 5;

/** Ask for the show's numbers every second while somebody looks, and say so when they stay away. */
export function followNumbers(list) {
  if (!list) return;
  const stale = list.parentElement.querySelector("[data-numbers-stale]");
  let missed = 0;
  const ask = async () => {
    if (!document.hidden) {
      try {
        const response = await fetch(list.dataset.numbers, { signal: AbortSignal.timeout(4000) });
        if (!response.ok || response.redirected) throw new Error(response.status);
        show(list, await response.json());
        missed = 0;
      } catch {
        missed += 1;
      }
      stale.hidden = missed < STALE_AFTER;
    }
    setTimeout(ask, EVERY_MS);
  };
  ask();
}

function show(list, numbers) {
  for (const place of list.querySelectorAll("[data-number]")) {
    const number = numbers[place.dataset.number];
    place.textContent = "won" in place.dataset ? fill(list.dataset.textWon, grouped(number)) : compact(number);
  }
}
