import "../site/site.js";
import "../common/share.js";
import { fill, grouped } from "../common/format.js";

const gallery = document.querySelector("[data-gallery]");
const form = document.querySelector("[data-product-buy]");

/** A thumb brings its picture into the row; the page itself stays where it is. */
document.addEventListener("click", (event) => {
  const thumb = event.target.closest("[data-thumb]");
  if (!thumb) return;
  event.preventDefault();
  const picture = document.querySelector(thumb.hash);
  gallery.scrollTo({ left: picture.offsetLeft - gallery.offsetLeft, behavior: "smooth" });
});

/** The choice that would be bought: the ticked one, or the only one there is. */
function chosen() {
  return form.querySelector('[name="variant"]:checked, [name="variant"][type="hidden"]');
}

function show() {
  const variant = chosen();
  const input = form.querySelector("#quantity");
  const most = Math.min(99, Number(variant?.dataset.most ?? 99));
  input.max = most;
  if (Number(input.value) > most) input.value = most;
  const quantity = Number(input.value);
  for (const button of form.querySelectorAll("[data-step]")) {
    const next = quantity + Number(button.dataset.step);
    button.disabled = next < 1 || next > most;
  }
  form.querySelector("[data-total-row]").hidden = !variant;
  if (variant) {
    const amount = Number(variant.dataset.price) * Math.max(1, quantity || 1);
    form.querySelector("[data-total]").textContent = fill(form.dataset.textWon, grouped(amount));
  }
}

if (form) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const input = form.querySelector("#quantity");
    input.value = Number(input.value) + Number(button.dataset.step);
    show();
  });
  form.addEventListener("input", show);
  show();
}
