import { fill, grouped } from "../common/format.js";

const FEW = 5;

/** Show on every card, form and row of this product how many are left. */
export function showStock(code, left, texts) {
  for (const place of document.querySelectorAll(`[data-product="${CSS.escape(code)}"]`)) {
    place.toggleAttribute("data-sold-out", left <= 0);
    for (const line of place.querySelectorAll("[data-left]")) {
      line.dataset.left = left;
      line.toggleAttribute("data-low", left <= FEW);
      line.textContent = left > 0 ? fill(texts.textLeft, grouped(left)) : texts.textSoldOut;
    }
    place.querySelector("a[data-buy]")?.setAttribute("aria-disabled", String(left <= 0));
    place.dispatchEvent(new CustomEvent("stock", { detail: { left } }));
  }
}
