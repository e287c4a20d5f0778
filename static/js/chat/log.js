const MOST_SHOWN = 120;
const STEP = 40;
const KEPT = 5000;
const DROPPED_AT_ONCE = 500;
const NEAR_END_PX = 48;
const NEAR_EDGE_PX = 600;

/**
 * The list of messages. All that came are kept, some thousands of them; a window of them is in the document, so that
 * a long room costs no more than a short one. It follows the end until somebody reads back.
 *
 * `draw(message)` makes an element, or null for one that shows nothing; `fetchOlder(seq)` gets {messages, more}.
 */
export class ChatLog {
  #log;
  #chip;
  #draw;
  #fetchOlder;
  #entries = [];
  /** The window: of the entries from #first on, before #last, the elements are in the document. */
  #first = 0;
  #last = 0;
  #elements = new Map();
  #following = true;
  #top = 0;
  #unseen = 0;
  #frame = 0;
  #mayHaveOlder = true;
  #fetching = false;

  constructor(root, { draw, fetchOlder }) {
    this.#log = root.querySelector("[data-chat-log]");
    this.#chip = root.querySelector("[data-chat-new]");
    this.#draw = draw;
    this.#fetchOlder = fetchOlder;
    this.#log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#log.addEventListener("click", ({ target }) => this.#open(target));
    this.#chip.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.#following && this.toEnd()).observe(this.#log);
  }

  get messages() {
    return this.#entries.map(({ message }) => message);
  }

  get following() {
    return this.#following;
  }

  /** Add one at the end; with `skip` it is only drawn for those who read back. */
  add(message, { skip = false } = {}) {
    this.#entries.push({ message, skip });
    if (!this.#following) this.#count(message);
    this.#frame ||= requestAnimationFrame(() => this.#show());
  }

  /** Forget everything and begin anew with these. */
  reset(messages = [], { mayHaveOlder = true } = {}) {
    this.#entries = messages.map((message) => ({ message, skip: false }));
    this.#mayHaveOlder = mayHaveOlder;
    this.#rebuild();
    this.toEnd();
  }

  /** Return the message of that number, if it is still kept. */
  find(seq) {
    return this.#entries[this.#placeOf(seq)]?.message;
  }

  /** Let each message become what `change(message)` returns; it returns the same one where nothing changes. */
  change(change) {
    for (const [place, entry] of this.#entries.entries()) {
      const changed = change(entry.message);
      if (changed === entry.message) continue;
      entry.message = changed;
      if (place >= this.#first && place < this.#last) this.#drawAgain(place);
    }
    if (this.#following) this.#scrollToEnd();
  }

  #drawAgain(place) {
    const entry = this.#entries[place];
    const old = this.#elements.get(entry.message.seq);
    if (!old && entry.skip) return;
    const item = this.#element(entry);
    if (old && item) old.replaceWith(item);
    else if (old) old.remove();
    else if (item) this.#log.insertBefore(item, this.#elementAfter(place));
  }

  /** Go to the newest and stay there. */
  toEnd() {
    this.#following = true;
    this.#unseen = 0;
    this.#chip.hidden = true;
    if (this.#last < this.#entries.length) this.#rebuild();
    this.#scrollToEnd();
  }

  /** A finger has nothing to hover with: a tap shows what can be done about a message. */
  #open(target) {
    const item = target.closest("button, a") ? null : target.closest(".message[data-seq]");
    if (!item) return;
    const wasOpen = "open" in item.dataset;
    for (const open of this.#log.querySelectorAll("[data-open]")) delete open.dataset.open;
    if (!wasOpen) item.dataset.open = "";
  }

  #count(message) {
    if (message.hidden) return;
    this.#unseen += 1;
    this.#chip.textContent = this.#chip.dataset.text.replace("{n}", this.#unseen);
    this.#chip.hidden = false;
  }

  #show() {
    this.#frame = 0;
    this.#forget();
    if (!this.#following) return;
    const fresh = this.#entries.slice(this.#last).filter(({ skip }) => !skip);
    if (fresh.length > STEP) {
      this.#rebuild();
    } else {
      this.#append(fresh);
      this.#last = this.#entries.length;
      if (this.#elements.size > MOST_SHOWN) this.#cutTop(MOST_SHOWN - STEP);
    }
    this.#scrollToEnd();
  }

  /** Let go of the oldest that are not shown; they can be fetched again. */
  #forget() {
    const over = this.#entries.length - KEPT;
    if (over < DROPPED_AT_ONCE || this.#first < over) return;
    this.#entries.splice(0, over);
    this.#first -= over;
    this.#last -= over;
    this.#mayHaveOlder = true;
  }

  #rebuild() {
    for (const element of this.#elements.values()) element.remove();
    this.#elements.clear();
    this.#last = this.#entries.length;
    this.#first = Math.max(0, this.#last - MOST_SHOWN + STEP);
    this.#append(this.#entries.slice(this.#first));
  }

  #append(entries) {
    const items = document.createDocumentFragment();
    items.append(...this.#drawn(entries));
    this.#log.insertBefore(items, this.#pending);
  }

  #drawn(entries) {
    return entries.map((entry) => this.#element(entry)).filter(Boolean);
  }

  #element({ message }) {
    this.#elements.delete(message.seq);
    const item = this.#draw(message);
    if (item) this.#elements.set(message.seq, item);
    return item;
  }

  /** The first of one's own that are still on their way: those stay last. */
  get #pending() {
    return this.#log.querySelector(":scope > [data-state]");
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    const below = scrollHeight - scrollTop - clientHeight;
    const wentUp = scrollTop < this.#top - 1;
    this.#top = scrollTop;
    if (wentUp) this.#following = false;
    if (this.#following) return;
    if (wentUp && scrollTop < NEAR_EDGE_PX) this.#goBack();
    else if (below < NEAR_EDGE_PX && this.#last < this.#entries.length) this.#goOn();
    else if (below < NEAR_END_PX && !wentUp) this.toEnd();
  }

  /** Show the STEP before the window, and keep what is read where it is. */
  #goBack() {
    if (this.#first === 0) return this.#getOlder();
    const first = Math.max(0, this.#first - STEP);
    const items = this.#drawn(this.#entries.slice(first, this.#first));
    this.#first = first;
    if (!items.length) return this.#goBack();
    const height = this.#log.scrollHeight;
    this.#log.prepend(...items);
    this.#move(this.#log.scrollHeight - height);
    if (this.#elements.size > MOST_SHOWN) this.#cutBottom(MOST_SHOWN);
  }

  #goOn() {
    const last = Math.min(this.#entries.length, this.#last + STEP);
    this.#append(this.#entries.slice(this.#last, last));
    this.#last = last;
    if (this.#elements.size <= MOST_SHOWN) return;
    const height = this.#log.scrollHeight;
    this.#cutTop(MOST_SHOWN);
    this.#move(this.#log.scrollHeight - height);
  }

  #cutTop(most) {
    while (this.#elements.size > most) this.#remove(this.#entries[this.#first++]);
  }

  #cutBottom(most) {
    while (this.#elements.size > most) this.#remove(this.#entries[--this.#last]);
  }

  #remove({ message: { seq } }) {
    this.#elements.get(seq)?.remove();
    this.#elements.delete(seq);
  }

  async #getOlder() {
    const oldest = this.#entries[0]?.message.seq ?? 1;
    if (this.#fetching || !this.#mayHaveOlder || oldest === 1) return;
    this.#fetching = true;
    try {
      const { messages, more } = await this.#fetchOlder(oldest);
      if (this.#entries[0]?.message.seq !== oldest) return;
      this.#mayHaveOlder = more;
      this.#entries.unshift(...messages.map((message) => ({ message, skip: false })));
      this.#first += messages.length;
      this.#last += messages.length;
      if (messages.length) this.#goBack();
    } catch {
      // The network is away; scrolling up again asks again.
    } finally {
      this.#fetching = false;
    }
  }

  #placeOf(seq) {
    return this.#entries.findLastIndex(({ message }) => message.seq === seq);
  }

  #elementAfter(place) {
    const next = this.#entries.slice(place + 1, this.#last).find(({ message }) => this.#elements.has(message.seq));
    return next ? this.#elements.get(next.message.seq) : this.#pending;
  }

  #move(distance) {
    this.#top = this.#log.scrollTop += distance;
  }

  #scrollToEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#top = this.#log.scrollTop;
  }
}
