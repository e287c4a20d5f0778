import { csrfToken } from "../common/csrf.js";

/** Whom the site was told about in this session, so that not every page tells it anew. */
const TOLD = "push-told";
const CREATED = 201;
const UNPROCESSABLE = 422;

export const possible = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** The browser's own subscription; it outlives whoever is signed in. */
export async function subscription() {
  if (!possible || Notification.permission !== "granted") return null;
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

function post(url, body) {
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
}

function base64url(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Subscribe, or take what there is, and tell the site whose browser it is. Throws; a `cause` comes with words. */
export async function subscribe({ member, keyUrl, workerUrl, subscribeUrl }) {
  const { pushManager } = await navigator.serviceWorker.register(workerUrl, { scope: "/" });
  const { key } = await (await fetch(keyUrl)).json();
  await navigator.serviceWorker.ready;
  const old = await pushManager.getSubscription();
  // Given to another key of the site's: nothing that is signed with the new one would arrive.
  if (old && base64url(old.options.applicationServerKey) !== key) await old.unsubscribe();
  const given = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const response = await post(subscribeUrl, given);
  if (response.status === CREATED) {
    sessionStorage.setItem(TOLD, `${member} ${given.endpoint}`);
    return;
  }
  // Refused for good; after anything else the next page tells the site.
  if (response.status === UNPROCESSABLE) await given.unsubscribe();
  const { error } = await response.json().catch(() => ({}));
  throw new Error(error ?? "", { cause: response.status });
}

/** Whether notices for this member arrive here; someone else may have used the browser since the last session. */
export async function isOn(texts) {
  const given = await subscription();
  if (!given) return false;
  if (sessionStorage.getItem(TOLD) === `${texts.member} ${given.endpoint}`) return true;
  try {
    await subscribe(texts);
    return true;
  } catch {
    return false;
  }
}

/** The site forgets this browser; the subscription stays, for whoever signs in next. */
export async function forget(url) {
  sessionStorage.removeItem(TOLD);
  const given = await subscription();
  if (given) await post(url, { endpoint: given.endpoint });
}

/** No more notices here. Once the browser has taken its leave back, the site hears of it sooner or later. */
export async function unsubscribe({ unsubscribeUrl }) {
  const given = await subscription();
  await forget(unsubscribeUrl).catch(() => {});
  await given?.unsubscribe();
}
