import { followTicker } from "./ticker.js";

/** Who bought just now, and what. */
export function followOrders(page, room) {
  const line = page.querySelector("[data-ticker]");
  const product = line.querySelector("[data-ticker-product]");
  followTicker(line, room, "order.placed", (told) => (product.textContent = told.product_name));
}
