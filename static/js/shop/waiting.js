import { fill } from "../common/format.js";
import { onMemberNews } from "../site/member_news.js";
import { toast } from "../common/toast.js";

let listening = false;

/** Somebody who waits for a sold-out product hears at once when it is their turn. */
function listen() {
  const slot = document.querySelector("[data-waiting][data-text-turn]");
  if (!slot || listening) return;
  listening = true;
  const text = slot.dataset.textTurn;
  onMemberNews("waiting.offered", ({ product }) => {
    toast(fill(text, { product }));
    document.body.dispatchEvent(new CustomEvent("waiting:changed"));
  });
}

document.addEventListener("htmx:after:swap", listen);
