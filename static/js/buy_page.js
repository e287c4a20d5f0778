import "./site.js";
import { enliven } from "./buy_form.js";
import { focusFirstError } from "./forms.js";

const body = document.querySelector("#buy-body");

function toReceipt() {
  const url = body.querySelector("[data-receipt-url]")?.dataset.receiptUrl;
  if (url) location.assign(url);
}

enliven(body);
document.addEventListener("htmx:after:swap", () => {
  enliven(body);
  focusFirstError(body);
});
body.addEventListener("over", toReceipt);
window.addEventListener("message", (event) => {
  if (event.origin === location.origin && event.data?.type === "order.updated" && event.data.status !== "pending") {
    toReceipt();
  }
});
