// Cards that play: under the pointer, under the keyboard's focus, or on a phone the one in the middle of the screen.
// One at a time, silent, and gone from memory afterwards.
const HOVER_MS = 120;
const SEEN = 0.7;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const hovers = matchMedia("(hover: hover)");
const inView = new Map();
let playing = null;
let hoverTimer = 0;
/** Stopped by hand: it does not start again until it has left the screen. */
const stopped = new WeakSet();

function byItself() {
  return !calm.matches && !navigator.connection?.saveData;
}

function button(card) {
  return card.querySelector("[data-clip]");
}

function stop() {
  if (!playing) return;
  const { card, video } = playing;
  playing = null;
  video.pause();
  // Without a source the browser stops loading and frees the decoder, of which phones have few.
  video.removeAttribute("src");
  video.load();
  video.remove();
  button(card).setAttribute("aria-pressed", "false");
}

function play(card) {
  if (playing?.card === card) return;
  stop();
  const video = document.createElement("video");
  Object.assign(video, { muted: true, loop: true, playsInline: true, disableRemotePlayback: true });
  video.className = "clip";
  video.addEventListener("playing", () => video.setAttribute("data-seen", ""), { once: true });
  video.addEventListener("error", () => playing?.video === video && stop());
  video.src = button(card).dataset.clip;
  card.querySelector("[data-clip-place]").append(video);
  playing = { card, video };
  button(card).setAttribute("aria-pressed", "true");
  video.play().catch(() => playing?.video === video && stop());
}

function toggle(card) {
  if (playing?.card === card) {
    stopped.add(card);
    stop();
  } else {
    stopped.delete(card);
    play(card);
  }
}

/** Of the cards on a phone's screen, the one nearest to its middle. */
function playNearest() {
  if (hovers.matches || !byItself() || document.hidden) return;
  const middle = innerHeight / 2;
  const away = (card) => {
    const { top, height } = card.getBoundingClientRect();
    return Math.abs(top + height / 2 - middle);
  };
  const cards = [...inView].filter(([card, ratio]) => ratio >= SEEN && !stopped.has(card)).map(([card]) => card);
  const nearest = cards.sort((one, other) => away(one) - away(other))[0];
  if (nearest) play(nearest);
  else if (playing && !(inView.get(playing.card) >= SEEN)) stop();
}

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, intersectionRatio } of entries) {
      inView.set(target, intersectionRatio);
      if (!intersectionRatio) stopped.delete(target);
    }
    playNearest();
  },
  { threshold: [0, SEEN] },
);

function bind(card) {
  card.dataset.bound = "";
  observer.observe(card);
  card.addEventListener("pointerenter", ({ pointerType }) => {
    if (pointerType !== "mouse" || !byItself()) return;
    hoverTimer = setTimeout(() => play(card), HOVER_MS);
  });
  card.addEventListener("pointerleave", ({ pointerType }) => {
    clearTimeout(hoverTimer);
    if (pointerType === "mouse" && playing?.card === card && byItself()) stop();
  });
  card.addEventListener("focusin", ({ target }) => {
    if (byItself() && target.matches("a:focus-visible")) play(card);
  });
  card.addEventListener("focusout", ({ relatedTarget }) => {
    if (hovers.matches && playing?.card === card && !card.contains(relatedTarget) && !card.matches(":hover")) stop();
  });
  button(card).addEventListener("click", () => toggle(card));
}

function bindAll() {
  for (const card of document.querySelectorAll("[data-clip-card]:not([data-bound])")) if (button(card)) bind(card);
  // Cards that htmx took away must not be kept, nor go on playing unseen.
  for (const card of inView.keys()) if (!card.isConnected) inView.delete(card);
  if (playing && !playing.card.isConnected) stop();
}

bindAll();
document.addEventListener("htmx:after:swap", bindAll);
document.addEventListener("visibilitychange", () => (document.hidden ? stop() : playNearest()));
