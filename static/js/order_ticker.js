import { fill } from "./format.js";

const SHOWN_MS = 5000;
const LEAST_MS = 2000;

/** Who bought just now, one line at a time: what comes while one is being read is told together after it. */
export function followOrders(page, room) {
  const line = page.querySelector("[data-ticker]");
  const { textOne, textMany } = line.dataset;
  let newest = -1;
  let waiting = null;
  let isRead = true;
  let hiding = 0;

  function show() {
    const { name, count, product_name: product } = waiting;
    waiting = null;
    line.querySelector("[data-ticker-text]").textContent = fill(count > 1 ? textMany : textOne, { name, n: count - 1 });
    line.querySelector("[data-ticker-product]").textContent = product;
    line.hidden = false;
    isRead = false;
    clearTimeout(hiding);
    hiding = setTimeout(() => (line.hidden = true), SHOWN_MS);
    setTimeout(() => {
      isRead = true;
      if (waiting) show();
    }, LEAST_MS);
  }

  room.addEventListener("order.placed", ({ detail }) => {
    if (detail.version <= newest) return;
    newest = detail.version;
    waiting = { ...detail, count: detail.count + (waiting?.count ?? 0) };
    if (isRead) show();
  });
}
