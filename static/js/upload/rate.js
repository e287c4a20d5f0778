const ENOUGH_MS = 1500;

/** How fast something grows, over the last seconds, so that the numbers can be read. */
export class Rate {
  #samples = [];
  #windowMs;

  constructor(windowMs = 8000) {
    this.#windowMs = windowMs;
  }

  /** After a pause the old speed says nothing. */
  reset() {
    this.#samples = [];
  }

  add(amount, now = performance.now()) {
    this.#samples.push({ amount, now });
    while (this.#samples.length > 2 && now - this.#samples[0].now > this.#windowMs) this.#samples.shift();
  }

  /** Amount per second; null while it is too early to say. */
  get perSecond() {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || last.now - first.now < ENOUGH_MS) return null;
    return ((last.amount - first.amount) / (last.now - first.now)) * 1000;
  }

  /** Seconds until `total`; null while nobody knows. */
  secondsLeft(total) {
    const speed = this.perSecond;
    return speed > 0 ? Math.ceil((total - this.#samples.at(-1).amount) / speed) : null;
  }
}
