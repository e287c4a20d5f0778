import { Flood } from "./flood.js";
import { followHiding } from "./hiding.js";
import { ChatLog } from "./log.js";
import { MessageDrawer } from "./message.js";
import { pagesOf } from "./pages.js";

const STRETCH_MS = 60_000;
const AHEAD_MS = 20_000;
const BACK_MS = 500;
const SETTLED_MS = 150;
const AGAIN_MS = 3000;
const PATIENCE_MS = 10_000;

/**
 * The chat of a replay: every message when the picture shows the moment it was said, also after a jump. Positions are
 * milliseconds from where the part of the replay begins.
 */
export class ReplayChat {
  #log;
  #drawer;
  #flood;
  #pages;
  #video;
  #startsAt;
  #length;
  #part;
  /** Fetched, but not said yet. */
  #coming = [];
  #at = 0;
  #fetchedTo = 0;
  #fetchingTo = 0;
  #fetching = null;
  #notBefore = 0;
  #jumpTimer = 0;

  constructor(root, stage, room) {
    const { startsAtMs, durationMs, part } = stage.dataset;
    this.#drawer = new MessageDrawer(root);
    this.#flood = new Flood(root.querySelector("[data-chat-flood]"));
    const asHeard = followHiding(room, () => {
      this.#coming = this.#coming.map(asHeard);
      this.#log.change(asHeard);
    });
    this.#pages = pagesOf(root.querySelector("[data-chat]"), asHeard);
    this.#video = stage.querySelector("[data-video]");
    this.#startsAt = Number(startsAtMs);
    this.#length = Number(durationMs) - this.#startsAt;
    this.#part = part ?? 1;
    this.#log = new ChatLog(root, {
      draw: (message) => this.#drawer.draw(message),
      fetchOlder: (before) => this.#pages.get({ before }),
    });
    room.addEventListener("state", ({ detail: { you } }) => {
      this.#drawer.me = you?.name ?? "";
    });
    this.#video.addEventListener("timeupdate", () => this.#follow());
    this.#video.addEventListener("seeking", () => this.#follow());
  }

  get #now() {
    const ms = Math.round(this.#video.currentTime * 1000) - this.#startsAt;
    return Math.min(Math.max(0, ms), this.#length);
  }

  #follow() {
    const now = this.#now;
    if (now < this.#at - BACK_MS || now > Math.max(this.#fetchedTo, this.#fetchingTo)) return this.#jumpSoon();
    if (now >= this.#at) this.#say(now);
    if (this.#fetchedTo - now < AHEAD_MS) this.#fetchAhead();
  }

  #say(now) {
    this.#at = now;
    const said = this.#coming.findIndex(({ ms }) => ms > now);
    for (const message of this.#coming.splice(0, said < 0 ? this.#coming.length : said)) {
      const isImportant = Boolean(message.author.badge);
      this.#log.add(message, { skip: this.#flood.skips({ isImportant }) });
    }
  }

  /** Somebody drags along the bar: wait where it ends. */
  #jumpSoon() {
    if (performance.now() < this.#notBefore) return;
    clearTimeout(this.#jumpTimer);
    this.#jumpTimer = setTimeout(() => this.#jump(), SETTLED_MS);
  }

  async #jump() {
    const now = this.#now;
    const { messages, more } = (await this.#fetch({ until_ms: now })) ?? {};
    if (!messages) return;
    this.#log.reset(messages, { mayHaveOlder: more });
    this.#coming = [];
    this.#at = this.#fetchedTo = now;
    this.#follow();
  }

  async #fetchAhead() {
    const stretch = { from_ms: this.#fetchedTo, to_ms: Math.min(this.#length, this.#fetchedTo + STRETCH_MS) };
    if (this.#fetching || stretch.from_ms >= stretch.to_ms || performance.now() < this.#notBefore) return;
    this.#fetchingTo = stretch.to_ms;
    const messages = [];
    for (let more = true; more; ) {
      const page = await this.#fetch({ ...stretch, after: messages.at(-1)?.seq ?? 0 });
      if (!page) {
        this.#fetchingTo = 0;
        return;
      }
      messages.push(...page.messages);
      more = page.more;
    }
    this.#coming.push(...messages);
    this.#fetchedTo = stretch.to_ms;
    this.#follow();
  }

  /** Get a page; undefined when another is wanted meanwhile, or the network is away. */
  async #fetch(wanted) {
    this.#fetching?.abort();
    const fetching = new AbortController();
    const timer = setTimeout(() => fetching.abort(), PATIENCE_MS);
    this.#fetching = fetching;
    try {
      const page = await this.#pages.get({ part: this.#part, ...wanted }, { signal: fetching.signal });
      return fetching === this.#fetching ? page : undefined;
    } catch {
      if (fetching === this.#fetching) this.#notBefore = performance.now() + AGAIN_MS;
      return undefined;
    } finally {
      clearTimeout(timer);
      if (fetching === this.#fetching) this.#fetching = null;
    }
  }
}
