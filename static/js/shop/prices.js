import "../common/countdown.js";
import { fill, grouped } from "../common/format.js";
import { serverNow } from "../common/server_clock.js";

const ON_AIR = ["live", "reconnecting"];
const LATEST_DEAL_MS = 2 ** 31 - 1;

/**
 * What the products of a show cost right now, in every block that shows it. The server alone decides what is paid;
 * this follows the same rule (the lowest of usual price, live price and running deal) by the server's clock.
 */
export class Prices {
  #page;
  #known = new Map();
  #timer = 0;

  constructor(page, room) {
    this.#page = page;
    this.#readBlocks();
    room.addEventListener("state", ({ detail }) => this.#takeState(detail));
    room.addEventListener("deal", ({ detail }) => this.#takeDeal(detail));
    room.addEventListener("price", ({ detail }) => this.#takeLivePrice(detail));
    room.addEventListener("broadcast", () => this.#show());
    // New blocks came with a part of the page: the line-up, the sheet.
    document.addEventListener("htmx:after:swap", () => {
      this.#readBlocks();
      this.#show();
    });
    this.#show();
  }

  #of(code) {
    if (!this.#known.has(code)) this.#known.set(code, { regular: 0, live: null, liveVersion: -1, deal: null });
    return this.#known.get(code);
  }

  #readBlocks() {
    for (const { dataset } of document.querySelectorAll("[data-prices]")) {
      const known = this.#of(dataset.prices);
      known.regular = Number(dataset.regular);
      if (known.liveVersion < 0) known.live = dataset.live ? Number(dataset.live) : null;
      if (dataset.deal) this.#mergeDeal(JSON.parse(dataset.deal));
    }
  }

  #takeState({ products, deals, broadcast }) {
    for (const { code, live_price: price } of products) {
      this.#takeLivePrice({ product: code, live_price: price, version: broadcast.version });
    }
    const running = new Set(deals.map(({ product }) => product));
    for (const [code, known] of this.#known) if (!running.has(code)) known.deal = null;
    for (const deal of deals) this.#mergeDeal(deal);
    this.#show();
  }

  #takeLivePrice({ product, live_price: price, version }) {
    const known = this.#of(product);
    if (version < known.liveVersion) return;
    known.live = price;
    known.liveVersion = version;
    this.#show();
  }

  #takeDeal(event) {
    this.#mergeDeal(event);
    this.#show();
  }

  /** Of a product's deals the one set last counts; of one deal the news with the highest version. */
  #mergeDeal(news) {
    const known = this.#of(news.product);
    const { deal } = known;
    if (!deal || Date.parse(news.set_at) > Date.parse(deal.set_at)) {
      if ("price" in news) known.deal = news;
    } else if (news.set_at === deal.set_at && news.version >= deal.version) {
      known.deal = { ...deal, ...news };
    }
  }

  #now({ regular, live, deal }) {
    const now = serverNow();
    const prices = [{ kind: "regular", unit: regular }];
    if (live !== null && ON_AIR.includes(this.#page.dataset.status)) prices.push({ kind: "live", unit: live });
    const runs = deal && !deal.ended_at && deal.left !== 0;
    if (runs && Date.parse(deal.starts_at) <= now && now < Date.parse(deal.ends_at)) {
      prices.push({ kind: "flash", unit: deal.price, deal });
    }
    return prices.reduce((lowest, price) => (price.unit < lowest.unit ? price : lowest));
  }

  #show() {
    for (const block of document.querySelectorAll("[data-prices]")) {
      const known = this.#known.get(block.dataset.prices);
      if (known) this.#showIn(block, this.#now(known));
    }
    this.#wakeAtNextChange();
  }

  #showIn(block, { kind, unit, deal }) {
    const texts = block.dataset;
    const changed = texts.kind !== kind || texts.unit !== String(unit);
    texts.kind = kind;
    texts.unit = unit;
    block.querySelector("[data-product-price]").textContent = fill(texts.textWon, grouped(unit));
    const end = block.querySelector("time[data-until]");
    if (deal && end.dateTime !== deal.ends_at) {
      end.dateTime = deal.ends_at;
      delete end.dataset.over;
    }
    block.querySelector("[data-deal-left]").textContent =
      deal && deal.left !== null ? fill(texts.textPieces, grouped(deal.left)) : "";
    if (changed) block.dispatchEvent(new CustomEvent("price", { bubbles: true, detail: { unit, kind } }));
  }

  #wakeAtNextChange() {
    clearTimeout(this.#timer);
    const now = serverNow();
    const moments = [...this.#known.values()]
      .flatMap(({ deal }) => (deal ? [Date.parse(deal.starts_at), Date.parse(deal.ends_at)] : []))
      .filter((moment) => moment > now);
    if (!moments.length) return;
    const wait = Math.min(Math.min(...moments) - now, LATEST_DEAL_MS);
    this.#timer = setTimeout(() => this.#show(), wait + 20);
  }
}
