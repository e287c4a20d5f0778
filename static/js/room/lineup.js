const NARROW = "(width < 1024px)";

/** The products of the show: a column where there is room, a sheet over the picture where there is not. */
export class Lineup {
  #room;
  #panel;
  #bag;
  #card;
  #pinned = null;

  constructor(room) {
    this.#room = room;
    this.#panel = room.querySelector("[data-lineup]");
    this.#bag = room.querySelector("[data-bag]");
    this.#card = room.querySelector("[data-pinned-card]");
    this.pin(this.#panel.querySelector("[data-pinned]")?.dataset.product ?? null);

    this.#bag.addEventListener("click", (event) => {
      event.preventDefault();
      this.#open(!this.#isOpen);
    });
    this.#panel.querySelector("[data-lineup-close]").addEventListener("click", () => this.#open(false));
    room.querySelector("[data-stage]").addEventListener(
      "click",
      (event) => {
        if (!this.#isOpen) return;
        event.stopPropagation();
        this.#open(false);
      },
      true,
    );
    this.#panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#open(false);
    });
    const narrow = matchMedia(NARROW);
    const fit = () => {
      this.#panel.inert = narrow.matches && !this.#isOpen;
    };
    narrow.addEventListener("change", fit);
    fit();
  }

  get #isOpen() {
    return "open" in this.#panel.dataset;
  }

  #open(open) {
    if (open === this.#isOpen) return;
    this.#panel.toggleAttribute("data-open", open);
    this.#panel.inert = !open && matchMedia(NARROW).matches;
    this.#bag.setAttribute("aria-expanded", String(open));
    if (open) this.#panel.querySelector("[data-lineup-close]").focus();
    else this.#bag.focus();
  }

  has(code) {
    return this.#row(code) !== null;
  }

  #row(code) {
    return this.#panel.querySelector(`[data-product="${CSS.escape(code)}"]`);
  }

  /** Show the product that the seller is talking about, or none. */
  pin(code) {
    this.#pinned = code;
    for (const row of this.#panel.querySelectorAll("[data-product]")) {
      row.toggleAttribute("data-pinned", row.dataset.product === code);
    }
    const row = code && this.#row(code);
    this.#card.hidden = !row;
    if (!row) return;
    const part = (name) => this.#card.querySelector(`[data-pinned-${name}]`);
    part("name").textContent = row.querySelector("[data-product-name]").textContent;
    part("price").replaceChildren(row.querySelector("[data-prices]").cloneNode(true));
    const left = row.querySelector("[data-left]");
    part("left").dataset.left = left.dataset.left;
    part("left").textContent = left.textContent;
    part("left").toggleAttribute("data-low", left.hasAttribute("data-low"));
    const buy = row.querySelector("[data-buy]");
    part("buy").href = buy.href;
    part("buy").setAttribute("aria-disabled", buy.getAttribute("aria-disabled") ?? "false");
    part("image").replaceChildren(row.querySelector(".thumb > :is(img, svg)").cloneNode(true));
    this.#card.dataset.product = code;
    this.#card.toggleAttribute("data-sold-out", row.hasAttribute("data-sold-out"));
  }

  /** Put the products into this order (codes); what is not named stays behind them. */
  arrange(codes) {
    const list = this.#panel.querySelector("[data-lineup-list]");
    const rows = codes.map((code) => this.#row(code)).filter(Boolean);
    const stand = [...list.querySelectorAll("[data-product]")].slice(0, rows.length);
    if (rows.some((row, place) => row !== stand[place])) list.prepend(...rows);
  }

  /** The list itself changed: fetch it anew and keep what is pinned. */
  async reload() {
    await window.htmx.ajax("GET", this.#room.dataset.lineupUrl, { target: "#lineup-list", swap: "outerHTML" });
    this.pin(this.#pinned);
  }
}
