import { csrfToken } from "../common/csrf.js";
import { toast } from "../common/toast.js";

/** What can be done about a message: fetched once, when a message's menu is first opened. */
export class MessageMenu {
  #dialog;
  #texts;
  #about = {};

  constructor(page) {
    this.#dialog = page.querySelector("[data-message-menu-dialog]");
    this.#texts = this.#dialog.dataset;
    page.querySelector("[data-chat-log]").addEventListener("click", (event) => {
      const button = event.target.closest("[data-message-menu]");
      const message = button?.closest("[data-seq]");
      if (message) this.#open(message);
    });
    this.#dialog.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (button) this.#act(button);
      else if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  async #open(message) {
    const { seq, author } = message.dataset;
    this.#about = {
      seq,
      author,
      name: message.querySelector(".message-author")?.textContent ?? "",
      text: message.querySelector(".message-text")?.textContent ?? "",
    };
    if (!this.#body) await window.htmx.ajax("GET", this.#texts.url, { target: this.#dialog, swap: "innerHTML" });
    if (!this.#body) return; // the page has said that something went wrong
    this.#fill();
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  get #body() {
    return this.#dialog.querySelector("[data-menu-body]");
  }

  #fill() {
    this.#body.querySelector("[data-menu-name]").textContent = this.#about.name;
    this.#body.querySelector("[data-menu-text]").textContent = this.#about.text;
  }

  async #act(button) {
    const { act, verb, minutes, reason } = button.dataset;
    const body = new URLSearchParams({ seq: this.#about.seq, member: this.#about.author });
    for (const [name, value] of Object.entries({ verb, minutes, reason })) if (value) body.set(name, value);
    button.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(act, {
        method: "POST",
        body,
        headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
        signal: AbortSignal.timeout(10_000),
      });
      const { message } = await response.json();
      this.#dialog.close();
      toast(message);
    } catch {
      toast(this.#texts.textFailed);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }
}
