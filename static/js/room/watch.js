import "../site/site.js";
import "../site/pictures.js";
import "../site/keyboard.js";
import { ActivityCard } from "./activity_card.js";
import { BuySheet } from "../shop/buy.js";
import { followChapters } from "../player/chapters.js";
import { Chat } from "../chat/chat.js";
import { CouponDrop } from "./coupon_drop.js";
import { Hearts } from "./hearts.js";
import { Lineup } from "./lineup.js";
import { loadAgain } from "../common/load_again.js";
import { followOrders } from "./order_ticker.js";
import { Moderation } from "../studio/moderation.js";
import { Player } from "../player/player.js";
import { Prices } from "../shop/prices.js";
import { ReplayChat } from "../chat/replay_chat.js";
import { Room } from "./room.js";
import { OnPicture } from "./on_picture.js";
import { Questions } from "./questions.js";
import { followScreen } from "./screen_card.js";
import { showStock } from "../shop/stock.js";
import { toast } from "../common/toast.js";
import { followViewers } from "./viewers.js";

const page = document.querySelector("[data-room]");
const stage = page.querySelector("[data-stage]");
const texts = page.dataset;
const room = new Room(texts.socket);
const player = new Player(page);
const lineup = new Lineup(page);
const sheet = new BuySheet(texts);
const pin = new OnPicture((code) => lineup.pin(code), () => player.moment);
if ("replay" in texts) new ReplayChat(page, stage, room);
else new Chat(page, room, texts);
new Moderation(page, room);
followViewers(page, room);

function announce(text) {
  page.querySelector("[data-announce]").textContent = text ?? "";
}

function showStatus(status) {
  if (status === texts.status) return;
  texts.status = status;
  for (const element of page.querySelectorAll("[data-show-when]")) {
    element.hidden = !element.dataset.showWhen.split(" ").includes(status);
  }
  announce({ live: texts.textLive, reconnecting: texts.textReconnecting, ended: texts.textEnded }[status]);
  player.statusChanged();
}

function showReplay() {
  sheet.whenClosed(loadAgain);
}

room.addEventListener("broadcast", async ({ detail }) => {
  // A page opened as a replay stays one.
  if (!("replay" in texts)) {
    if (detail.playback_url) stage.dataset.playbackUrl = detail.playback_url;
    showStatus(detail.status);
  }
  if (detail.pinned && !lineup.has(detail.pinned)) await lineup.reload();
  const comesWithThePicture = "ivs" in stage.dataset && texts.player === "playing";
  const since = detail.pinned_at ? Date.parse(detail.pinned_at) : -Infinity;
  pin.told(detail.pinned, detail.version, since, { isCued: comesWithThePicture });
});
page.addEventListener("player:cue", ({ detail }) => pin.cue(detail.pin, detail.v));
// A private channel's address runs out within minutes; the room's state carries a new one.
page.addEventListener("player:refused", () => room.refresh());
room.addEventListener("state", ({ detail }) => {
  const { replay_ready: ready, status } = detail.broadcast;
  if (ready && status === "ended" && !("replay" in texts)) showReplay();
  const codes = detail.products.map(({ code }) => code);
  if (codes.some((code) => !lineup.has(code))) lineup.reload();
  else lineup.arrange(codes);
});
let arrangedAt = -1;
room.addEventListener("lineup.changed", ({ detail }) => {
  if (detail.version <= arrangedAt) return;
  arrangedAt = detail.version;
  lineup.arrange(detail.products);
});
room.addEventListener("replay", () => {
  if (!("replay" in texts)) showReplay();
});
room.addEventListener("stock", ({ detail }) => showStock(detail.code, detail.left, texts));
room.addEventListener("connection", ({ detail }) => {
  if (detail.busy) toast(texts.textBusy);
});
new Prices(page, room);
if (page.querySelector("[data-questions]")) new Questions(page, room);
const card = page.querySelector("[data-on-picture]");
if (card) followScreen(card, room, () => player.moment);
new CouponDrop(page, room);
new ActivityCard(page, room);
new Hearts(page, room);
followOrders(page, room);
if ("replay" in texts) followChapters(page, stage);
room.connect();
