import { fill, grouped } from "../common/format.js";
import { OnPicture } from "./on_picture.js";

/** The question or support message over the picture, when the picture is there. `card` holds the texts. */
export function followScreen(card, room, moment) {
  const part = (name) => card.querySelector(`[data-on-picture-${name}]`);
  const screen = new OnPicture((item) => {
    card.hidden = !item;
    if (!item) return;
    card.dataset.kind = item.kind;
    part("name").textContent = item.name;
    part("text").textContent = item.text;
    part("amount").textContent = item.amount ? fill(card.dataset.textWon, grouped(item.amount)) : "";
  }, moment);
  const take = ({ item, version, at }) => screen.told(item, version, Date.parse(at));
  room.addEventListener("state", ({ detail: { on_screen: last } }) => {
    if (last) take(last);
    else screen.clear();
  });
  room.addEventListener("screen.changed", ({ detail }) => take(detail));
  room.addEventListener("broadcast", ({ detail: { status } }) => {
    if (status === "ended") screen.clear();
  });
}
