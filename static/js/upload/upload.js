import { PartsSender } from "./parts.js";
import { Rate } from "./rate.js";
import { forget, recall, remember } from "./resume.js";
import { pause, persistently, Refused } from "./retry.js";
import { postForm } from "./transport.js";

/** Of these, some systems know no type. */
const TYPES = { mkv: "video/x-matroska", mts: "video/mp2t", m2ts: "video/mp2t", avif: "image/avif", webp: "image/webp" };
const ROUNDS = 3;
const LOOKS_MS = [300, 600, 1000, 1500, 2000];
const NOT_FOUND = 404;
const NOT_SO = 409;

function typeOf({ name, type }) {
  return type || (TYPES[name.split(".").at(-1).toLowerCase()] ?? "");
}

/**
 * One file on its way to the site, through everything that can happen to it. Tells "change"; `state` is one of
 *
 *   empty → starting → uploading ⇄ waiting (for the network) → completing → checking → ready
 *                      ⇅ paused                       refused (another file, please) · failed (try again)
 *
 * A picture is followed until it is ready; a video is left at "checking", its card tells the rest.
 */
export class Upload extends EventTarget {
  state = "empty";
  file = null;
  asset = null;
  loaded = 0;
  problem = "";
  rate = new Rate();
  #server;
  #purpose;
  #stop = new AbortController();

  constructor(server, purpose) {
    super();
    this.#server = server;
    this.#purpose = purpose;
  }

  get code() {
    return this.asset?.code ?? "";
  }

  get running() {
    return ["starting", "uploading", "waiting", "completing"].includes(this.state);
  }

  /** Send this file; one that was begun before goes on where it stopped. */
  start(file) {
    this.#leave();
    this.file = file;
    this.loaded = 0;
    this.asset = null;
    return this.#run(recall(this.#purpose, file));
  }

  pause() {
    this.#stop.abort();
    this.#to("paused");
  }

  /** Go on after a pause or a failure. */
  resume() {
    if (this.asset?.status === "failed") return this.#tryAgain();
    return this.#run(this.code);
  }

  /** Take it back; also a finished one, so that another file can be chosen. */
  cancel() {
    this.#leave();
    this.file = null;
    this.asset = null;
    this.#to("empty");
  }

  /** Show what was uploaded before this page: the code comes from the form's field. */
  async adopt(code) {
    const signal = this.#begin();
    this.asset = { code, status: "checking" };
    this.#to("checking");
    try {
      ({ asset: this.asset } = await this.#insist(() => this.#server.state(code, signal), signal));
      if (["uploading", "cancelled"].includes(this.asset.status)) this.cancel();
      else await this.#follow(signal);
    } catch (error) {
      if (error.status === NOT_FOUND && this.#purpose === "video") return;
      if (error.status === NOT_FOUND) this.cancel();
      else if (!signal.aborted) this.#fail(error);
    }
  }

  /** Stop whatever runs; storage need not keep what nobody will finish. */
  #leave() {
    this.#stop.abort();
    if (!this.code) return;
    forget(this.code);
    if (this.asset.status === "uploading") this.#server.cancel(this.code).catch(() => {});
  }

  #begin() {
    this.#stop = new AbortController();
    return this.#stop.signal;
  }

  async #run(code) {
    const signal = this.#begin();
    this.rate.reset();
    this.#to("starting");
    try {
      let begun = await this.#open(code, signal);
      for (let round = 1; this.asset.status === "uploading"; round += 1) {
        try {
          await this.#send(begun, signal);
          this.#to("completing");
          ({ asset: this.asset } = await this.#insist(() => this.#server.complete(this.code, signal), signal));
        } catch (error) {
          // Storage has less than was sent, or another tab has finished it: ask, and send what is missing.
          if (error.status !== NOT_SO || round === ROUNDS) throw error;
          begun = await this.#open(this.code, signal);
        }
      }
      forget(this.code);
      await this.#follow(signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** Begin anew, or go on with what has arrived of it; leave for a whole form is given only once. */
  async #open(code, signal) {
    if (code) {
      try {
        const known = await this.#insist(() => this.#server.state(code, signal), signal);
        if (known.asset.status !== "uploading" || known.part_size) {
          this.asset = known.asset;
          return known;
        }
        this.#server.cancel(code).catch(() => {});
      } catch (error) {
        if (error.status !== NOT_FOUND) throw error;
      }
      forget(code);
    }
    const { name, size } = this.file;
    const values = { purpose: this.#purpose, name, size, content_type: typeOf(this.file) };
    const begun = await this.#insist(() => this.#server.begin(values, signal), signal);
    this.asset = begun.asset;
    if (begun.part_size) remember(this.code, this.#purpose, this.file);
    return { ...begun, received: [] };
  }

  async #send({ form, part_size: partSize, received }, signal) {
    this.#to("uploading");
    const options = {
      signal,
      onWaiting: (now) => {
        if (now !== (this.state === "waiting")) this.#to(now ? "waiting" : "uploading");
      },
      onProgress: (bytes) => this.#progress(bytes),
    };
    if (form) {
      await persistently(() => postForm(form, this.file, options), options);
    } else {
      const part = { code: this.code, partSize, received, server: this.#server };
      await new PartsSender(this.file, part, options).send();
    }
  }

  #insist(action, signal) {
    const before = this.state;
    return persistently(action, { signal, onWaiting: (now) => this.#to(now ? "waiting" : before) });
  }

  #progress(bytes) {
    if (bytes > this.loaded && this.state === "waiting") this.#to("uploading");
    this.loaded = Math.min(bytes, this.file.size);
    this.rate.add(this.loaded);
    this.dispatchEvent(new Event("progress"));
  }

  async #follow(signal) {
    this.#to("checking");
    if (this.#purpose === "video") return;
    for (let look = 0; this.asset.status === "checking"; look += 1) {
      await pause(LOOKS_MS[Math.min(look, LOOKS_MS.length - 1)], signal);
      ({ asset: this.asset } = await this.#insist(() => this.#server.state(this.code, signal), signal));
    }
    this.problem = this.asset.problem;
    this.#to(this.asset.status === "cancelled" ? "empty" : this.asset.status);
  }

  async #tryAgain() {
    const signal = this.#begin();
    this.#to("checking");
    try {
      const { asset } = await this.#insist(() => this.#server.retry(this.code), signal);
      this.asset = asset;
      await this.#follow(signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  #fail(error) {
    this.problem = error.message ?? "";
    this.#to(error instanceof Refused ? "refused" : "failed");
  }

  #to(state) {
    if (state === "uploading") this.rate.reset();
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}
