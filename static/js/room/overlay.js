import { followOrders } from "./order_ticker.js";
import { Prices } from "../shop/prices.js";
import { Room } from "./room.js";
import { followScreen } from "./screen_card.js";
import { followTicker } from "./ticker.js";

const IDLE_MS = 10_000;
const BUSY_MS = 60_000;
/** A page this old may know less than the server; a younger one would be loaded again and again. */
const SETTLED_MS = 5000;
const page = document.querySelector("[data-overlay]");
const { code, socket } = page.dataset;
let revoked = false;

/** Whether there is another show by now, or the address was revoked: then nothing may stay on the picture. */
async function lookAgain() {
  try {
    const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" });
    revoked ||= answer.status === 404;
    if (revoked) page.replaceChildren();
    else if (answer.ok && answer.headers.get("Overlay-Show") !== code) location.reload();
  } catch {
    // Without a network the picture stays as it is.
  }
}

function pin(product) {
  const cards = [...page.querySelectorAll("[data-product]")];
  for (const card of cards) card.hidden = card.dataset.product !== product;
  // A product that joined the show after the page was made comes with a new page.
  const isMissing = product && cards.every((card) => card.hidden);
  if (isMissing && !revoked && performance.now() > SETTLED_MS) location.reload();
}

if (socket) {
  const room = new Room(socket);
  followOrders(page, room);
  followTicker(page.querySelector("[data-followers]"), room, "channel.followed");
  // The overlay is part of the picture: what it shows is never early.
  followScreen(page.querySelector("[data-on-picture]"), room, () => null);
  new Prices(page, room);
  room.addEventListener("broadcast", ({ detail }) => {
    page.dataset.status = detail.status;
    if (["ended", "cancelled"].includes(detail.status)) lookAgain();
    else pin(detail.pinned);
  });
  room.connect();
}
setInterval(lookAgain, socket ? BUSY_MS : IDLE_MS);
