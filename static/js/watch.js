import "./site.js";
import "./pictures.js";
import "./keyboard.js";
import { BuySheet } from "./buy.js";
import { Chat } from "./chat.js";
import { Lineup } from "./lineup.js";
import { Player } from "./player.js";
import { Room } from "./room.js";
import { showStock } from "./stock.js";
import { toast } from "./toast.js";
import { followViewers } from "./viewers.js";

const page = document.querySelector("[data-room]");
const texts = page.dataset;
const room = new Room(texts.socket);
const player = new Player(page);
const lineup = new Lineup(page);
const sheet = new BuySheet(texts);
new Chat(page, room, texts);
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
  sheet.whenClosed(() => location.reload());
}

room.addEventListener("broadcast", async ({ detail }) => {
  // A page opened as a replay stays one.
  if (!("replay" in texts)) {
    if (detail.playback_url) page.querySelector("[data-stage]").dataset.playbackUrl = detail.playback_url;
    showStatus(detail.status);
  }
  if (detail.pinned && !lineup.has(detail.pinned)) await lineup.reload();
  lineup.pin(detail.pinned);
});
room.addEventListener("state", ({ detail }) => {
  const { replay_ready: ready, status } = detail.broadcast;
  if (ready && status === "ended" && !("replay" in texts)) showReplay();
  if (detail.products.some(({ code }) => !lineup.has(code))) lineup.reload();
});
room.addEventListener("replay", () => {
  if (!("replay" in texts)) showReplay();
});
room.addEventListener("stock", ({ detail }) => showStock(detail.code, detail.left, texts));
room.addEventListener("connection", ({ detail }) => {
  if (detail.busy) toast(texts.textBusy);
});
room.connect();
