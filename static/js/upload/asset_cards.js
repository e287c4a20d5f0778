import { fill, timeLeft } from "../common/format.js";
import { hearsNews, onMemberNews, onReconnect } from "../site/member_news.js";
import { toast } from "../common/toast.js";
import { Rate } from "./rate.js";
import { UploadServer } from "./server.js";

const TRANSCODING_WINDOW_MS = 60_000;
const ASK_MS = 5000;
const PENDING = "[data-asset-card]:is([data-status='checking'], [data-status='transcoding'])";
const rates = new Map();

function reload(card) {
  const { assetUrl, assetCard: code } = card.dataset;
  window.htmx.ajax("GET", `${assetUrl}${code}/card/`, { target: card, swap: "outerHTML" });
}

function showProgress(card) {
  const bar = card.querySelector("[data-asset-bar]");
  if (!bar) return;
  const { percent, textPercent, assetCard: code } = card.dataset;
  if (!rates.has(code)) rates.set(code, new Rate(TRANSCODING_WINDOW_MS));
  const rate = rates.get(code);
  rate.add(Number(percent));
  bar.style.setProperty("--part", percent / 100);
  bar.setAttribute("aria-valuenow", percent);
  card.querySelector("[data-asset-text]").textContent = fill(textPercent, percent);
  const left = rate.secondsLeft(100);
  card.querySelector("[data-asset-left]").textContent = left === null ? "" : timeLeft(left, card.dataset);
}

/** What is around a card may care: the form's field forgets a refused file. */
function tell() {
  for (const card of document.querySelectorAll("[data-asset-card]:not([data-told])")) {
    card.dataset.told = "";
    showProgress(card);
    card.dispatchEvent(new CustomEvent("asset:status", { bubbles: true, detail: { status: card.dataset.status } }));
  }
}

onMemberNews("media.asset_changed", ({ asset, version, status, percent }) => {
  const card = document.querySelector(`[data-asset-card="${CSS.escape(asset)}"]`);
  if (!card || version <= Number(card.dataset.version)) return;
  if (status === card.dataset.status && percent > Number(card.dataset.percent)) {
    card.dataset.version = version;
    card.dataset.percent = percent;
    showProgress(card);
  } else {
    reload(card);
  }
});
onReconnect(() => document.querySelectorAll(PENDING).forEach(reload));
setInterval(() => {
  if (!hearsNews() && !document.hidden && navigator.onLine) document.querySelectorAll(PENDING).forEach(reload);
}, ASK_MS);

async function ask(card, question) {
  const { assetUrl, assetCard: code } = card.dataset;
  try {
    await question(new UploadServer(assetUrl), code);
  } catch (error) {
    toast(error.message || document.body.dataset.textFailed);
  }
  // News of the change may have brought the new card already.
  if (card.isConnected) reload(card);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-asset-retry]");
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  ask(button.closest("[data-asset-card]"), (server, code) => server.retry(code));
});
document.addEventListener("change", (event) => {
  const { target } = event;
  if (!target.matches("[data-asset-poster]")) return;
  ask(target.closest("[data-asset-card]"), (server, code) => server.choosePoster(code, target.value));
});
document.addEventListener("htmx:after:swap", tell);
tell();
