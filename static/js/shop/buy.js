import { enliven } from "./buy_form.js";
import { focusFirstError } from "../common/forms.js";
import { toast } from "../common/toast.js";

const WIDE = "(width >= 1024px)";
const UNDER_WAY = ["waiting", "checkout", "address", "pay"];

/** The sheet in which one buys while the show goes on: form, checkout, payment, result. */
export class BuySheet {
  #dialog;
  #body;
  #title;
  #usualTitle;
  #texts;
  #url = "";
  #shown = "";

  constructor(texts) {
    this.#texts = texts;
    this.#dialog = document.querySelector("[data-buy-sheet]");
    this.#body = this.#dialog.querySelector("#buy-body");
    this.#title = this.#dialog.querySelector("#buy-title");
    this.#usualTitle = this.#title.textContent;

    document.addEventListener("click", (event) => this.#clicked(event));
    this.#dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !document.querySelector("dialog:modal:not([data-buy-sheet])")) this.close();
    });
    this.#dialog.addEventListener("over", () => this.#showCheckout());
    document.addEventListener("htmx:after:swap", () => {
      if (!this.#dialog.open) return;
      this.#toTop();
      enliven(this.#body);
      focusFirstError(this.#body);
    });
    window.addEventListener("message", (event) => {
      if (event.origin !== location.origin || event.data?.type !== "checkout.updated") return;
      if (this.#step?.dataset.checkout === event.data.code) this.#showCheckout();
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  whenClosed(action) {
    if (this.isOpen) this.#dialog.addEventListener("close", action, { once: true });
    else action();
  }

  close() {
    this.#dialog.close();
  }

  get #step() {
    return this.#body.querySelector("[data-buy-step]");
  }

  #clicked(event) {
    const buy = event.target.closest("a[data-buy]");
    if (buy && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      if (buy.getAttribute("aria-disabled") === "true") toast(this.#texts.textSoldOut);
      else this.#open(buy);
    }
    if (event.target.closest("[data-buy-close]") || event.target === this.#dialog) this.close();
    if (event.target.closest("[data-buy-retry]")) this.#load(this.#url);
  }

  #open({ href: url, dataset }) {
    // A checkout that is under way is shown again rather than begun a second time.
    const paying = UNDER_WAY.includes(this.#step?.dataset.buyStep) && this.#url === url;
    if (!this.#dialog.open) {
      if (matchMedia(WIDE).matches) this.#dialog.show();
      else this.#dialog.showModal();
    }
    this.#url = url;
    this.#title.textContent = dataset.buyTitle ?? this.#usualTitle;
    if (!paying) this.#load(url);
  }

  async #load(url) {
    this.#body.replaceChildren(this.#part("loading"));
    this.#body.scrollTop = 0;
    const skeleton = this.#body.firstElementChild;
    await window.htmx.ajax("GET", url, { target: this.#body, swap: "innerHTML" });
    if (skeleton.isConnected) this.#body.replaceChildren(this.#part("failed"));
    else this.#body.focus({ preventScroll: true });
  }

  /** A new step is read from its beginning; a part that changed within one stays where it is. */
  #toTop() {
    const name = this.#step?.dataset.buyStep;
    if (name !== this.#shown) this.#body.scrollTop = 0;
    this.#shown = name;
  }

  #part(name) {
    return this.#dialog.querySelector(`[data-buy-${name}]`).content.cloneNode(true);
  }

  #showCheckout() {
    const url = this.#step?.dataset.checkoutUrl;
    if (url) window.htmx.ajax("GET", url, { target: this.#body, swap: "innerHTML" });
  }
}
