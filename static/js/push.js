import { csrfToken } from "./csrf.js";
import { toast } from "./toast.js";

const possible = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

async function subscription() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return registration?.pushManager.getSubscription();
}

/** Offered only where it can work and is not on already. Permission is asked on the click, never before. */
async function offer() {
  for (const button of document.querySelectorAll("[data-push]")) {
    button.hidden = !possible || (Notification.permission === "granted" && Boolean(await subscription()));
  }
}

async function subscribe({ keyUrl, workerUrl, subscribeUrl }) {
  const registration = await navigator.serviceWorker.register(workerUrl, { scope: "/" });
  const { key } = await (await fetch(keyUrl)).json();
  await navigator.serviceWorker.ready;
  const given = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const response = await fetch(subscribeUrl, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(given),
  });
  if (response.ok) return;
  await given.unsubscribe();
  const { error } = await response.json().catch(() => ({}));
  throw new Error(error ?? "", { cause: response.status });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-push]");
  if (!button) return;
  const texts = button.dataset;
  button.setAttribute("aria-busy", "true");
  try {
    if ((await Notification.requestPermission()) !== "granted") {
      toast(texts.textDenied);
    } else {
      await subscribe(texts);
      toast(texts.textOn);
      button.hidden = true;
    }
  } catch (error) {
    // The site's own words have a status behind them; a browser's message is not for people.
    toast((error.cause && error.message) || texts.textFailed);
  } finally {
    button.removeAttribute("aria-busy");
  }
});
document.addEventListener("htmx:after:swap", offer);
offer();
