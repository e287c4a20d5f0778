import { csrfToken } from "../common/csrf.js";

const FIRST_RETRY_MS = 2000;
const SLOWEST_MS = 30_000;
const TIMEOUT_MS = 10_000;
/** Answers that another try does not change: signed out, not allowed, gone. */
const LOST = [401, 403, 404, 410];

/**
 * Keep a page's leave to play: ask `data-renew-url` for new playback cookies every `data-renew-after` seconds, and
 * at once when the page comes back after that (sleep, a tab in the background). The element hears "playback:lost"
 * when there is no leave any more, and "playback:renewed" after each renewal.
 */
export function keepPlaybackAccess(element) {
  new PlaybackAccess(element);
}

class PlaybackAccess {
  #element;
  #dueAt = 0;
  #timer = 0;
  #tries = 0;
  #asking = false;
  #lost = false;

  constructor(element) {
    this.#element = element;
    this.#wait(Number(element.dataset.renewAfter) * 1000);
    const wake = () => {
      if (!document.hidden && Date.now() >= this.#dueAt) this.#renew();
    };
    document.addEventListener("visibilitychange", wake);
    window.addEventListener("pageshow", wake);
    window.addEventListener("online", wake);
  }

  /** Timers stand still while a machine sleeps: the moment is kept as well. */
  #wait(ms) {
    clearTimeout(this.#timer);
    this.#dueAt = Date.now() + ms;
    this.#timer = setTimeout(() => this.#renew(), ms);
  }

  async #renew() {
    if (this.#asking || this.#lost) return;
    this.#asking = true;
    clearTimeout(this.#timer);
    try {
      const response = await fetch(this.#element.dataset.renewUrl, {
        method: "POST",
        headers: { "X-CSRFToken": csrfToken() },
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      // A redirect leads to signing in.
      if (LOST.includes(response.status) || response.type === "opaqueredirect") return this.#lose();
      if (!response.ok) return this.#again();
      const { renew_after: seconds } = await response.json();
      this.#tries = 0;
      this.#wait(seconds * 1000);
      this.#tell("renewed");
    } catch {
      this.#again();
    } finally {
      this.#asking = false;
    }
  }

  #again() {
    const pause = Math.min(SLOWEST_MS, FIRST_RETRY_MS * 2 ** this.#tries++) * (0.5 + Math.random() / 2);
    this.#wait(pause);
  }

  #lose() {
    this.#lost = true;
    this.#tell("lost");
  }

  #tell(what) {
    this.#element.dispatchEvent(new CustomEvent(`playback:${what}`, { bubbles: true }));
  }
}
