const READABLE_PER_SECOND = 20;
const NOTED_MS = 3000;

/**
 * Decides what is shown when more is said than anybody can read. Everything is kept; what is for the viewer, and what
 * the seller and the moderators say, always appears.
 */
export class Flood {
  #note;
  #left = READABLE_PER_SECOND;
  #at = performance.now();
  #timer = 0;

  /** `note` is shown while only a part is. */
  constructor(note) {
    this.#note = note;
  }

  /** Return whether to leave this one out. */
  skips({ isImportant }) {
    const now = performance.now();
    this.#left = Math.min(READABLE_PER_SECOND, this.#left + ((now - this.#at) * READABLE_PER_SECOND) / 1000);
    this.#at = now;
    if (this.#left >= 1) {
      this.#left -= 1;
      return false;
    }
    if (isImportant) return false;
    this.#note.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#note.hidden = true;
    }, NOTED_MS);
    return true;
  }
}
