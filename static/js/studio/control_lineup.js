import { fill, grouped } from "../common/format.js";

const BUSY_MS = 1000;

/**
 * The products in the control room: what another device changed is shown as the room tells it, without asking the
 * server again; a grip puts them in order.
 */
export class ControlLineup {
  #page;
  /** What the room told last of the pin, the order and each price: {version (the broadcast's), show}. */
  #news = new Map();
  #timer = 0;
  #dragged = null;

  constructor(page, room) {
    this.#page = page;
    room.addEventListener("broadcast", ({ detail: { version, pinned } }) => {
      this.#told("pin", version, () => this.#pin(pinned));
    });
    room.addEventListener("lineup.changed", ({ detail: { version, products } }) => {
      this.#told("order", version, () => this.#arrange(products));
    });
    room.addEventListener("price", ({ detail }) => this.#takePrice(detail.product, detail));
    room.addEventListener("state", ({ detail: { products, broadcast } }) => {
      const codes = products.map(({ code }) => code);
      if (codes.some((code) => !this.#row(code))) this.#fetchAnew();
      this.#told("order", broadcast.version, () => this.#arrange(codes));
      for (const product of products) this.#takePrice(product.code, { ...product, version: broadcast.version });
    });
    // An answer may come when the seller is already typing the next thing; what it says, the room tells too.
    document.addEventListener("htmx:before:swap", (event) => {
      const { sourceElement, target } = event.detail.ctx;
      if (target !== this.#list || !this.#isInHands(sourceElement)) return;
      event.preventDefault();
      this.#fetchAnew();
    });
    // The list of a click's answer may be older than what the room told meanwhile.
    document.addEventListener("htmx:after:swap", () => this.#showAgain());
    room.addEventListener("deal", () => this.#dealChanged());
    room.addEventListener("coupon", () => this.#dealChanged());
    page.addEventListener("pointerdown", (event) => this.#take(event));
  }

  get #list() {
    return this.#page.querySelector("[data-control-lineup]");
  }

  get #codes() {
    return [...this.#list.querySelectorAll("[data-product]")].map(({ dataset }) => dataset.product);
  }

  #row(code) {
    return this.#list.querySelector(`[data-product="${CSS.escape(code)}"]`);
  }

  get #shownVersion() {
    return Number(this.#list.dataset.version);
  }

  #told(what, version, show) {
    if (version < Math.max(this.#shownVersion, this.#news.get(what)?.version ?? -1)) return;
    this.#news.set(what, { version, show });
    show();
  }

  #showAgain() {
    for (const { version, show } of this.#news.values()) if (version > this.#shownVersion) show();
  }

  /** Whether a new list would take away what is dragged, or typed elsewhere than where it was asked for. */
  #isInHands(asking) {
    const typing = this.#list.querySelector("details[open]:focus-within");
    return Boolean(this.#dragged || (typing && !typing.contains(asking)));
  }

  /** There are other products. Not under somebody's hands: what is typed or dragged there would be lost. */
  #fetchAnew() {
    clearTimeout(this.#timer);
    if (this.#isInHands()) {
      this.#timer = setTimeout(() => this.#fetchAnew(), BUSY_MS);
    } else {
      document.body.dispatchEvent(new CustomEvent("lineup:changed"));
    }
  }

  #pin(code) {
    for (const row of this.#list.children) {
      const isPinned = row.dataset.product === code;
      row.toggleAttribute("data-pinned", isPinned);
      for (const part of row.querySelectorAll("[data-when-pinned]")) part.hidden = !isPinned;
      for (const part of row.querySelectorAll("[data-when-not-pinned]")) part.hidden = isPinned;
      const button = row.querySelector("[data-pin]");
      if (!button) continue; // only the seller has one
      button.classList.toggle("button--buy", isPinned);
      button.setAttribute("aria-pressed", isPinned);
      button.form.elements.product.value = isPinned ? "" : row.dataset.product;
    }
  }

  #takePrice(code, { version, live_price: price }) {
    this.#told(`price of ${code}`, version, () => {
      const details = this.#row(code)?.querySelector(".control-price");
      if (!details) return;
      const summary = details.querySelector("summary");
      const { textSet, textUnset } = summary.dataset;
      summary.textContent = price ? fill(textSet, grouped(price)) : textUnset;
      if (!details.open) details.querySelector("[name=price]").value = price ?? "";
    });
  }

  #arrange(codes) {
    if (this.#dragged) return;
    const rows = new Map([...this.#list.children].map((row) => [row.dataset.product, row]));
    if (codes.join() !== this.#codes.join()) {
      for (const code of codes) if (rows.has(code)) this.#list.append(rows.get(code));
    }
    for (const button of this.#list.querySelectorAll("[name=step]")) {
      const end = button.value === "up" ? this.#list.firstElementChild : this.#list.lastElementChild;
      button.disabled = end.contains(button);
    }
  }

  #dealChanged() {
    const deals = this.#page.querySelector("[data-deals]");
    if (deals && !deals.querySelector("details[open]") && !deals.matches(":focus-within")) {
      document.body.dispatchEvent(new CustomEvent("deals:changed"));
    }
  }

  #take(event) {
    const grip = event.target.closest("[data-grip]");
    if (!grip || event.button) return;
    event.preventDefault();
    const before = this.#codes.join();
    this.#dragged = grip.closest("[data-product]");
    this.#dragged.toggleAttribute("data-dragged", true);
    const over = new AbortController();
    const { signal } = over;
    const drop = () => {
      over.abort();
      this.#dragged.removeAttribute("data-dragged");
      this.#dragged = null;
      if (this.#codes.join() !== before) this.#send();
      else this.#showAgain();
    };
    window.addEventListener("pointermove", ({ clientY }) => this.#follow(clientY), { signal });
    for (const type of ["pointerup", "pointercancel"]) window.addEventListener(type, drop, { signal });
  }

  #follow(y) {
    const others = [...this.#list.querySelectorAll("[data-product]:not([data-dragged])")];
    const next = others.find((row) => {
      const { top, height } = row.getBoundingClientRect();
      return y < top + height / 2;
    });
    const place = next ?? null;
    if (this.#dragged.nextElementSibling !== place) this.#list.insertBefore(this.#dragged, place);
  }

  #send() {
    const form = this.#page.querySelector("[data-arrange]");
    for (const input of form.querySelectorAll("[name=order]")) input.remove();
    for (const code of this.#codes) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: "order", value: code });
      form.append(input);
    }
    form.requestSubmit();
  }
}
