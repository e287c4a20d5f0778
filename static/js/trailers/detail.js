import "../site/site.js";
import "../site/pictures.js";
import "../common/countdown.js";
import "../common/share.js";
import "../site/push.js";
import { loadAgain } from "../common/load_again.js";
import { Player } from "../player/player.js";
import { keepPlaybackAccess } from "../player/playback_access.js";
import { focusFirstError } from "../common/forms.js";
import { serverNow } from "../common/server_clock.js";
import { toast } from "../common/toast.js";

const NEAR_MS = 10 * 60 * 1000;
const root = document.querySelector("[data-player-root]");

if (root) {
  new Player(root);
  keepPlaybackAccess(root);
  root.addEventListener("playback:lost", () => toast(root.dataset.textLost));
}

// Its owner was waiting for the film: now there is one to play.
document.addEventListener("asset:status", ({ detail: { status } }) => {
  if (!root && status === "ready") loadAgain();
});
// Whether the show has begun is asked only when it may have.
document.addEventListener("htmx:before:request", (event) => {
  const { startsAt } = event.detail.ctx.sourceElement.dataset;
  if (startsAt && (document.hidden || serverNow() < Date.parse(startsAt) - NEAR_MS)) event.preventDefault();
});
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  if (!sourceElement.matches("[data-comment-delete]") || !response.raw.ok) return;
  const count = document.querySelector("[data-comment-count]");
  count.textContent = Math.max(0, Number(count.textContent) - 1);
});
document.addEventListener("htmx:after:swap", () => focusFirstError(document.querySelector("#comments")));
