import { fill } from "../common/format.js";
import { serverNow } from "../common/server_clock.js";

const MOST_S = 90;

/**
 * Say how far the picture is behind what the server received. The way from the camera to the server is not in it,
 * nor is the clock exact: "about".
 */
export function showDelay(place, player) {
  setInterval(() => {
    const { moment } = player;
    const seconds = Number.isFinite(moment) && moment !== null ? (serverNow() - moment) / 1000 : -1;
    place.hidden = !(seconds >= 0 && seconds < MOST_S);
    if (!place.hidden) place.textContent = fill(place.dataset.textDelay, Math.max(1, Math.round(seconds)));
  }, 1000);
}
