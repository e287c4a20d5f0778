import { isOn, possible, subscribe, unsubscribe } from "./push_browser.js";
import { toast } from "../common/toast.js";

/** Offered only where it can work. Permission is asked on the click, never before. */
async function show() {
  for (const place of document.querySelectorAll("[data-push]")) {
    const on = await isOn(place.dataset);
    place.querySelector("[data-push-on]").hidden = !possible || on;
    place.querySelector("[data-push-off]").hidden = !on;
  }
}

async function turnOn(texts) {
  if ((await Notification.requestPermission()) !== "granted") return texts.textDenied;
  await subscribe(texts);
  return texts.textOn;
}

async function turnOff(texts) {
  await unsubscribe(texts);
  return texts.textOff;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-push-on], [data-push-off]");
  if (!button || button.hasAttribute("aria-busy")) return;
  const place = button.closest("[data-push]");
  const texts = place.dataset;
  button.setAttribute("aria-busy", "true");
  try {
    toast(await (button.matches("[data-push-on]") ? turnOn : turnOff)(texts));
  } catch (error) {
    // The site's own words have a status behind them; a browser's message is not for people.
    toast((error.cause && error.message) || texts.textFailed);
  }
  await show();
  button.removeAttribute("aria-busy");
  if (button.hidden) place.querySelector("button:not([hidden])")?.focus();
});
document.addEventListener("htmx:after:swap", show);
show();
