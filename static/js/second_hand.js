import { onMemberNews, onReconnect } from "./member_news.js";

const PARTS = { "orders.offer_changed": "offer", "orders.meeting_changed": "order" };
const seen = new Map();

/** Ask anew, but never under the hands of somebody who types: the server refuses answers to what is no longer so. */
function refresh(part) {
  if (!part.querySelector(":is(input, textarea):focus")) window.htmx.trigger(part, "news");
}

for (const [type, name] of Object.entries(PARTS)) {
  onMemberNews(type, (news) => {
    const code = news[name];
    if (news.version <= (seen.get(code) ?? 0)) return;
    seen.set(code, news.version);
    document.querySelectorAll(`[data-${name}-part="${CSS.escape(code)}"]`).forEach(refresh);
  });
}
onReconnect(() => document.querySelectorAll("[data-offer-part], [data-order-part]").forEach(refresh));
