import { clock } from "../common/format.js";

const WARNING_MS = 60_000;
const SECOND_MS = 1000;
const FRESH_MS = 3000;

/** How long ago the server counted what is left: a page needs a moment until its scripts run. */
function age(place) {
  const [load] = performance.getEntriesByType("navigation");
  const withThePage = load && performance.now() - load.responseStart < FRESH_MS && !place.closest("dialog");
  return withThePage ? performance.now() - load.responseStart : 0;
}

/** Count a hold down by what the server said is left: a wrong clock of the device changes nothing. */
export function countDown(place) {
  if ("counting" in place.dataset) return;
  place.dataset.counting = "";
  const end = performance.now() + Number(place.dataset.leftMs) - age(place);
  const time = place.querySelector("[data-hold-time]");
  const says = place.querySelector("[data-hold-says]");

  const tick = () => {
    if (!place.isConnected) return;
    const left = end - performance.now();
    time.textContent = left > 0 ? clock(left + SECOND_MS - 1) : place.dataset.textOver;
    if (left <= WARNING_MS && !("low" in place.dataset)) {
      place.dataset.low = "";
      says.textContent = place.dataset.textSoon;
    }
    if (left > 0) setTimeout(tick, (left % SECOND_MS) + 20);
    else place.dispatchEvent(new CustomEvent("over", { bubbles: true }));
  };
  tick();
}
