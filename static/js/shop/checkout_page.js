import "../site/site.js";
import { enliven } from "./buy_form.js";
import { focusFirstError } from "../common/forms.js";

const body = document.querySelector("#buy-body");

enliven(body);
focusFirstError(body);
body.addEventListener("over", () => {
  const url = body.querySelector("[data-checkout-url]")?.dataset.checkoutUrl;
  if (url) location.replace(url);
});
body.addEventListener("click", (event) => {
  if (event.target.closest("[data-buy-close]")) history.back();
});
body.querySelector("a[data-go]")?.click();
// A page out of the browser's memory would show a time that is over.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
