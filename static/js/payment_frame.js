import "./busy.js";

const LOOK_AGAIN_MS = 2000;
const result = document.querySelector("[data-payment-return]");

if (result) {
  const { order, status, receiptUrl } = result.dataset;
  if (window.parent !== window) {
    const news = { type: "order.updated", code: order, status, receipt_url: receiptUrl };
    window.parent.postMessage(news, location.origin);
  }
  if (status === "pending") setTimeout(() => location.reload(), LOOK_AGAIN_MS);
}
