import "../site/busy.js";

const LOOK_AGAIN_MS = 2000;
const result = document.querySelector("[data-payment-return]");

if (result) {
  const { checkout, status, checkoutUrl } = result.dataset;
  if (status === "open") setTimeout(() => location.reload(), LOOK_AGAIN_MS);
  else if (window.parent !== window) {
    window.parent.postMessage({ type: "checkout.updated", code: checkout, status }, location.origin);
  } else location.replace(checkoutUrl);
}
