const TOGETHER_MS = 200;
const BUSY_MS = 1000;

/** The products in the control room: drawn anew when another device changed them, put in order by a grip. */
export class ControlLineup {
  #page;
  #timer = 0;
  #dragged = null;

  constructor(page, room) {
    this.#page = page;
    room.addEventListener("broadcast", ({ detail }) => {
      if ((detail.pinned ?? "") !== this.#list.dataset.pinnedNow) this.#fetchAnew();
    });
    room.addEventListener("lineup.changed", ({ detail }) => {
      this.#arrange(detail.products);
      this.#fetchAnew(); // which steps are left up and down the server draws
    });
    room.addEventListener("price", () => this.#fetchAnew());
    room.addEventListener("state", ({ detail }) => {
      const codes = detail.products.map(({ code }) => code).join();
      if (codes !== this.#codes.join()) this.#fetchAnew();
    });
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

  /** Not under somebody's hands: what is typed or dragged there would be lost. */
  #fetchAnew(wait = TOGETHER_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#dragged || this.#list.querySelector("details[open]:focus-within")) this.#fetchAnew(BUSY_MS);
      else document.body.dispatchEvent(new CustomEvent("lineup:changed"));
    }, wait);
  }

  #arrange(codes) {
    if (this.#dragged || codes.join() === this.#codes.join()) return;
    const rows = new Map([...this.#list.children].map((row) => [row.dataset.product, row]));
    for (const code of codes) if (rows.has(code)) this.#list.append(rows.get(code));
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
