/** Seconds by which the picture may be late: a pin whose cue got lost appears then. */
const LATEST_MS = 8000;

/** Shows the pinned product when the picture reaches the moment of the pin, where the picture tells it. */
export class TimedPin {
  #show;
  #cued = -1;
  #timer = 0;

  constructor(show) {
    this.#show = show;
  }

  /** The room's news, which are faster than the picture: wait for its cue if there will be one. */
  told(code, version, comesWithThePicture) {
    clearTimeout(this.#timer);
    if (!comesWithThePicture || version <= this.#cued) this.#show(code);
    else this.#timer = setTimeout(() => this.#show(code), LATEST_MS);
  }

  /** What the picture carried: {pin: product code or null, v: the broadcast's version}. */
  cue({ pin, v }) {
    if (!(v > this.#cued)) return;
    this.#cued = v;
    clearTimeout(this.#timer);
    this.#show(pin);
  }
}
