import "../site/site.js";
import { Chat } from "../chat/chat.js";
import { ControlLineup } from "./control_lineup.js";
import { followNumbers } from "./control_numbers.js";
import { connectTabs } from "./control_tabs.js";
import { showDelay } from "../player/delay.js";
import { loadAgain } from "../common/load_again.js";
import { Moderation } from "./moderation.js";
import { followModeration } from "./moderation_panel.js";
import { Player } from "../player/player.js";
import { Prices } from "../shop/prices.js";
import { followQueue } from "./question_queue.js";
import { Room } from "../room/room.js";
import { drawSignal } from "./signal_plot.js";
import { showStock } from "../shop/stock.js";
import { toast } from "../common/toast.js";
import { followViewers } from "../room/viewers.js";

const page = document.querySelector("[data-control]");
const texts = page.dataset;
const room = new Room(texts.socket, { spreadMs: 0 });

// The seller sees the picture before the audience does: whenever the encoder sends one.
if (!["ended", "cancelled"].includes(texts.status)) texts.picture = "always";
const player = new Player(page, { autoplay: "picture" in texts });
connectTabs(document.querySelector("[data-control-tabs]"), page, room);
new Chat(page, room, texts);
new Moderation(page, room);
followModeration(page, room);
followViewers(page, room);
followQueue(room);
followNumbers(page.querySelector("[data-numbers]"));
showDelay(page.querySelector("[data-delay]"), player);
drawSignal(page.querySelector("[data-signal-plot]"));

room.addEventListener("broadcast", ({ detail }) => {
  if (detail.playback_url) page.querySelector("[data-stage]").dataset.playbackUrl = detail.playback_url;
  // Buttons and notices belong to a status; the page knows them best.
  if (detail.status !== texts.status) loadAgain();
});
// A private channel's address lives for minutes; the signal's part brings a fresh one all the time.
document.addEventListener("htmx:after:swap", () => {
  const { previewUrl } = page.querySelector("#signal")?.dataset ?? {};
  if (previewUrl) page.querySelector("[data-stage]").dataset.playbackUrl = previewUrl;
});
page.addEventListener("player:refused", () => room.refresh());
room.addEventListener("stock", ({ detail }) => {
  showStock(detail.code, detail.left, texts);
  document.body.dispatchEvent(new CustomEvent("sales:changed"));
});
room.addEventListener("connection", ({ detail }) => {
  if (detail.busy) toast(texts.textBusy);
});
new Prices(page, room);
new ControlLineup(page, room);
room.connect();
