import { fill } from "../common/format.js";

const OPEN = ["waiting", "on_screen"];

/** The list of a show's questions: fetched when somebody opens it, then kept up by the room's news. */
export class Questions {
  #page;
  #panel;
  #body;
  #chip;
  #loaded = false;
  #new = new Set();

  constructor(page, room) {
    this.#page = page;
    this.#panel = page.querySelector("[data-questions]");
    this.#body = this.#panel.querySelector("[data-questions-body]");
    this.#chip = this.#panel.querySelector("[data-questions-new]");
    for (const button of page.querySelectorAll("[data-questions-open]")) {
      button.addEventListener("click", () => this.#open(true));
    }
    for (const button of this.#panel.querySelectorAll("[data-questions-close]")) {
      button.addEventListener("click", () => this.#open(false));
    }
    this.#panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#open(false);
    });
    this.#chip.addEventListener("click", () => this.#load());
    room.addEventListener("chat.question", ({ detail }) => this.#question(detail));
    room.addEventListener("question.votes", ({ detail }) => this.#votes(detail.votes));
    room.addEventListener("state", () => {
      // What happened while the socket was away was not told.
      if (this.#loaded && this.#isOpen) this.#load();
      else this.#loaded = false;
    });
  }

  get #isOpen() {
    return !this.#panel.hidden;
  }

  #open(open) {
    if (open === this.#isOpen) return;
    this.#panel.hidden = !open;
    const buttons = [...this.#page.querySelectorAll("[data-questions-open]")];
    for (const button of buttons) button.setAttribute("aria-expanded", String(open));
    if (!open) {
      buttons.find((button) => button.offsetParent)?.focus();
      return;
    }
    this.#seen(true);
    this.#panel.querySelector("h2").focus({ preventScroll: true });
    if (!this.#loaded) this.#load();
  }

  async #load() {
    this.#loaded = true;
    this.#new.clear();
    this.#showNew();
    await window.htmx.ajax("GET", this.#panel.dataset.url, { target: this.#body, swap: "innerHTML" });
    this.#loaded = this.#body.querySelector("[data-questions-list]") !== null;
  }

  #question({ question: code, version, status, votes }) {
    const row = this.#row(code);
    const own = this.#body.querySelector(`[data-own-question="${CSS.escape(code)}"]`);
    if (!row && status === "waiting" && !own) {
      this.#new.add(code);
      this.#showNew();
      this.#seen(this.#isOpen);
      return;
    }
    if (this.#new.delete(code)) this.#showNew();
    if (!row || version <= Number(row.dataset.version)) return;
    row.dataset.version = version;
    row.dataset.status = status;
    row.querySelector("[data-votes]").textContent = votes;
    const vote = row.querySelector("button.question-vote");
    if (vote) vote.disabled = !OPEN.includes(status);
  }

  #votes(votes) {
    for (const [code, count] of Object.entries(votes)) {
      const row = this.#row(code);
      if (row) row.querySelector("[data-votes]").textContent = count;
    }
  }

  #row(code) {
    return this.#body.querySelector(`[data-question="${CSS.escape(code)}"]`);
  }

  /** They come in on a tap: a list that moves by itself is not read. */
  #showNew() {
    this.#chip.hidden = !this.#loaded || !this.#new.size;
    this.#chip.textContent = fill(this.#panel.dataset.textNew, this.#new.size);
  }

  #seen(seen) {
    for (const dot of this.#page.querySelectorAll("[data-questions-unseen]")) dot.hidden = seen;
  }
}
