import "../site/site.js";
import { clock } from "../common/format.js";
import { ReplayVideo } from "../player/replay_video.js";

const page = document.querySelector("[data-chapters-edit]");
const replay = new ReplayVideo(page.querySelector("[data-replay]"));
const newTime = page.querySelector("[data-follows]");
let typed = false;

newTime.addEventListener("input", () => {
  typed = true;
});
replay.follow((ms) => {
  if (!typed) newTime.value = clock(ms);
});
page.addEventListener("click", ({ target }) => {
  const jump = target.closest("[data-jump]");
  if (jump) {
    replay.seek(Number(jump.dataset.jump));
    replay.play();
  }
  const take = target.closest("[data-take-time]");
  if (take) take.form.elements.time.value = clock(replay.ms);
});
