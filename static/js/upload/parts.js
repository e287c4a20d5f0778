import { persistently, Temporary } from "./retry.js";
import { GrantExpired, putPart } from "./transport.js";

const AT_ONCE = 3;
const GRANTS_AT_ONCE = 20;

/** Sends what is missing of a file, three parts at a time. */
export class PartsSender {
  #file;
  #code;
  #partSize;
  #server;
  #missing;
  #done;
  #sending = new Map();
  #waiting = new Set();
  #working = 0;
  #grants = new Map();
  #asking = Promise.resolve();
  #options;

  /** options: {signal, onProgress(bytes), onWaiting(bool)} */
  constructor(file, { code, partSize, received, server }, options) {
    this.#file = file;
    this.#code = code;
    this.#partSize = partSize;
    this.#server = server;
    this.#options = options;
    const numbers = Array.from({ length: Math.ceil(file.size / partSize) }, (_, index) => index + 1);
    this.#missing = numbers.filter((number) => !received.includes(number));
    this.#done = numbers.filter((number) => received.includes(number)).reduce((sum, n) => sum + this.#part(n).size, 0);
  }

  async send() {
    // One failure stops the other two: what they would send is sent after the next start.
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, stop.signal]);
    this.#tell();
    const workers = Array.from({ length: AT_ONCE }, () => this.#work(signal));
    try {
      await Promise.all(workers);
    } catch (error) {
      stop.abort(error);
      await Promise.allSettled(workers);
      throw error;
    }
  }

  async #work(signal) {
    this.#working += 1;
    for (let number = this.#missing.shift(); number; number = this.#missing.shift()) {
      await persistently(() => this.#put(number, signal), { signal, onWaiting: (now) => this.#wait(number, now) });
      this.#sending.delete(number);
      this.#done += this.#part(number).size;
      this.#tell();
    }
    this.#working -= 1;
  }

  /** One part that has to go again is nobody's business while the others move. */
  #wait(number, now) {
    if (now) this.#waiting.add(number);
    else this.#waiting.delete(number);
    this.#options.onWaiting(this.#waiting.size === this.#working);
  }

  async #put(number, signal) {
    const onProgress = (bytes) => {
      this.#sending.set(number, bytes);
      this.#tell();
    };
    onProgress(0);
    try {
      await putPart(await this.#grant(number, signal), this.#part(number), { signal, onProgress });
    } catch (error) {
      this.#sending.delete(number);
      if (!(error instanceof GrantExpired)) throw error;
      this.#grants.clear();
      throw new Temporary("", { cause: error });
    }
  }

  /** Leave is asked for many parts at once, by one worker for all. */
  async #grant(number, signal) {
    const asked = this.#asking.then(async () => {
      if (this.#grants.has(number)) return;
      const numbers = [number, ...this.#missing.slice(0, GRANTS_AT_ONCE - 1)];
      for (const part of await this.#server.grantParts(this.#code, numbers, signal)) {
        this.#grants.set(part.number, part.url);
      }
    });
    this.#asking = asked.catch(() => {});
    await asked;
    return this.#grants.get(number);
  }

  #part(number) {
    const start = (number - 1) * this.#partSize;
    return this.#file.slice(start, Math.min(start + this.#partSize, this.#file.size));
  }

  #tell() {
    this.#options.onProgress(this.#done + [...this.#sending.values()].reduce((sum, bytes) => sum + bytes, 0));
  }
}
