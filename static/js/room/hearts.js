import { compact } from "../common/format.js";

const SEND_MS = 1000;
const MOST_AT_ONCE = 20;
const MOST_FLYING = 60;
const SAMPLE = 14; // of what others gave within a second
const FLIGHT_MS = 2200;
const COLOURS = ["#ff4d67", "#ff7a8c", "#ff9eae", "#ffc2cb"];
const HEART = new Path2D("M0 6C-5-2-12-2-12-9a6.4 6.4 0 0 1 12-3 6.4 6.4 0 0 1 12 3C12-2 5-2 0 6Z");

/** Hearts: the own ones fly at once, of the others' as many as an eye can follow; all of them are counted. */
export class Hearts {
  #box;
  #room;
  #canvas;
  #flying = [];
  #frame = 0;
  #total = 0;
  #sent = 0;
  #unsent = 0;
  #timer = 0;
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(page, room) {
    this.#box = page.querySelector("[data-heart-box]");
    this.#canvas = this.#box.querySelector("[data-heart-canvas]");
    this.#room = room;
    this.#box.querySelector("[data-heart]").addEventListener("click", () => this.#give());
    room.addEventListener("hearts.changed", ({ detail }) => this.#told(detail.count));
    room.addEventListener("state", ({ detail }) => {
      this.#total = detail.hearts;
      this.#sent = 0;
      this.#show();
    });
  }

  #give() {
    this.#unsent += 1;
    this.#fly(0);
    this.#show();
    this.#timer ||= setTimeout(() => this.#send(), SEND_MS);
  }

  #send() {
    this.#timer = 0;
    const count = Math.min(this.#unsent, MOST_AT_ONCE);
    this.#unsent = 0;
    this.#sent += count;
    this.#room.giveHearts(count);
  }

  #told(count) {
    const more = count - this.#total;
    if (more <= 0) return;
    this.#total = count;
    const own = Math.min(more, this.#sent);
    this.#sent -= own;
    this.#show();
    for (let shown = Math.min(more - own, SAMPLE); shown > 0; shown--) this.#fly(Math.random() * SEND_MS);
  }

  #show() {
    const count = this.#total + this.#sent + this.#unsent;
    const label = this.#box.querySelector("[data-heart-count]");
    label.hidden = count === 0;
    label.textContent = compact(count);
  }

  #fly(delay) {
    if (this.#still.matches || document.hidden || this.#box.hidden || this.#flying.length >= MOST_FLYING) return;
    this.#flying.push({
      from: performance.now() + delay,
      sway: (Math.random() - 0.5) * 56,
      size: 0.8 + Math.random() * 0.6,
      colour: COLOURS[Math.floor(Math.random() * COLOURS.length)],
    });
    if (!this.#frame) this.#start();
  }

  #start() {
    const { clientWidth, clientHeight } = this.#canvas;
    const sharp = Math.min(devicePixelRatio, 2);
    this.#canvas.width = clientWidth * sharp;
    this.#canvas.height = clientHeight * sharp;
    const draw = (now) => {
      this.#draw(now, clientWidth, clientHeight, sharp);
      this.#frame = this.#flying.length ? requestAnimationFrame(draw) : 0;
    };
    this.#frame = requestAnimationFrame(draw);
  }

  #draw(now, width, height, sharp) {
    const pen = this.#canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#flying = this.#flying.filter(({ from }) => now - from < FLIGHT_MS);
    for (const { from, sway, size, colour } of this.#flying) {
      const way = (now - from) / FLIGHT_MS;
      if (way < 0) continue;
      const grown = size * Math.min(1, 0.4 + way * 5);
      const x = width / 2 + sway * way + Math.sin(way * 7 + sway) * 8;
      pen.setTransform(sharp * grown, 0, 0, sharp * grown, x * sharp, (height - 14 - way * (height - 32)) * sharp);
      pen.globalAlpha = way < 0.6 ? 1 : (1 - way) / 0.4;
      pen.fillStyle = colour;
      pen.fill(HEART);
    }
  }
}
