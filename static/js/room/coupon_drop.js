import { serverNow } from "../common/server_clock.js";

const KEY = "coupons-seen";

/** The coupon that the seller dropped into the room: a card with a button, until it is claimed, closed or over. */
export class CouponDrop {
  #card;
  #code = "";
  #timer = 0;

  constructor(page, room) {
    this.#card = page.querySelector("[data-coupon]");
    room.addEventListener("coupon", ({ detail }) => this.#show(detail));
    room.addEventListener("state", ({ detail }) => this.#show(detail.coupon));
    this.#card.querySelector("[data-coupon-close]").addEventListener("click", () => this.#hide());
    this.#card.addEventListener("htmx:after:swap", () => this.#remember());
  }

  #show(coupon) {
    if (!coupon) return this.#code && !this.#card.querySelector("[data-coupon-claimed]") ? this.#hide() : undefined;
    if (coupon.code === this.#code || this.#seen().includes(coupon.code)) return;
    this.#code = coupon.code;
    this.#card.querySelector("[data-coupon-claimed]")?.remove();
    this.#card.querySelector("[data-coupon-body]").hidden = false;
    this.#card.querySelector("[data-coupon-name]").textContent = coupon.name;
    this.#card.querySelector("[data-coupon-says]").textContent = coupon.says;
    const code = this.#card.querySelector("[name='code']");
    if (code) code.value = coupon.code;
    this.#card.hidden = false;
    clearTimeout(this.#timer);
    const left = Date.parse(coupon.ends_at) - serverNow();
    this.#timer = setTimeout(() => this.#hide(), Math.min(left, 2 ** 31 - 1));
  }

  /** Claimed, or gone: it does not come back with the next sync. */
  #remember() {
    if (!this.#card.querySelector("[data-coupon-claimed]")) return;
    this.#card.querySelector("[data-coupon-body]").hidden = true;
    this.#keep();
  }

  #hide() {
    this.#card.hidden = true;
    this.#keep();
  }

  #keep() {
    try {
      sessionStorage.setItem(KEY, JSON.stringify([...this.#seen(), this.#code]));
    } catch {
      // It may then be shown once more.
    }
  }

  #seen() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
    } catch {
      return [];
    }
  }
}
