import { serverNow } from "../common/server_clock.js";

/** By so much what goes with the picture may be late: whoever's picture stalls sees it then all the same. */
const LATEST_MS = 8000;
/** A picture is stamped when it reaches the server: what it shows happened by the way from the camera earlier. */
const ENCODER_MS = 1000;
const LOOK_MS = 200;

/**
 * Shows what goes with the picture when the picture gets there, so that nothing is seen before the host does it.
 * `show` gets the value; `moment()` tells which moment (ms, server's clock) the picture shows, -Infinity while a
 * picture is awaited, null where there is none to wait for or it knows no clock.
 */
export class OnPicture {
  #show;
  #moment;
  #coming = [];
  #newest = -1;
  #shown = -1;
  #timer = 0;

  constructor(show, moment) {
    this.#show = show;
    this.#moment = moment;
  }

  /** From the moment `since` (ms) on it is `value`. With `isCued` the picture itself will say when: see `cue`. */
  told(value, version, since, { isCued = false } = {}) {
    if (version <= this.#newest) return;
    this.#newest = version;
    const latest = Math.min(serverNow(), since) + LATEST_MS;
    this.#coming.push({ value, version, since: isCued ? Infinity : since + ENCODER_MS, latest });
    this.#look();
  }

  /** The picture itself carried the value. */
  cue(value, version) {
    if (!(version > this.#shown)) return;
    this.#newest = Math.max(this.#newest, version);
    this.#coming = this.#coming.filter((news) => news.version > version);
    this.#tell({ value, version });
  }

  /** Nothing is there, and nothing is to come. */
  clear() {
    this.#coming = [];
    this.#show(null);
  }

  #look() {
    clearTimeout(this.#timer);
    const moment = this.#moment();
    const now = serverNow();
    const due = this.#coming.findLastIndex(
      ({ since, latest }) => latest <= now || (since < Infinity && (moment === null || since <= moment)),
    );
    if (due >= 0) this.#tell(this.#coming.splice(0, due + 1)[due]);
    if (this.#coming.length) this.#timer = setTimeout(() => this.#look(), LOOK_MS);
  }

  #tell({ value, version }) {
    this.#shown = version;
    this.#show(value);
  }
}
