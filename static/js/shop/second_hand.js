import { isTouched } from "../common/touched.js";
import { onMemberNews, onReconnect } from "../site/member_news.js";

const PARTS = { "orders.offer_changed": "offer", "orders.meeting_changed": "order" };
const seen = new Map();

/** Ask anew, but never under the hands of somebody who types: the server refuses answers to what is no longer so. */
function refresh(part) {
  if (!isTouched(part)) window.htmx.trigger(part, "news");
}

// The typing may have begun while the answer was on its way. A form's own answer comes from the form, not the part.
document.addEventListener("htmx:before:swap", (event) => {
  const isPart = event.target.matches("[data-offer-part], [data-order-part]");
  if (isPart && isTouched(event.target)) event.preventDefault();
});

for (const [type, name] of Object.entries(PARTS)) {
  onMemberNews(type, (news) => {
    const code = news[name];
    if (news.version <= (seen.get(code) ?? 0)) return;
    seen.set(code, news.version);
    document.querySelectorAll(`[data-${name}-part="${CSS.escape(code)}"]`).forEach(refresh);
  });
}
onReconnect(() => document.querySelectorAll("[data-offer-part], [data-order-part]").forEach(refresh));
