const SLOWEST_MS = 30_000;
const TOO_MANY_MS = 60_000;
const SILENT_MS = 75_000; // the server gives a sign of life every 25 s
const LOOK_MS = 10_000;
const SIGN_IN_FIRST = 4401;
const TOO_MANY = 4029;

const callbacks = new Map();
const afterReconnect = new Set();
let socket = null;
let attempt = 0;
let retryTimer = 0;
let heardAt = 0;
let signedOut = false;

/** Call back with every news of this type ("media.asset_changed"). The page's one socket opens with the first. */
export function onMemberNews(type, callback) {
  if (!callbacks.has(type)) callbacks.set(type, new Set());
  callbacks.get(type).add(callback);
  if (socket || retryTimer) return;
  connect();
  setInterval(lookAlive, LOOK_MS);
  window.addEventListener("online", () => reconnect(0));
}

/** Call back once the page hears news, at first and after every gap: ask then for what happened before. */
export function onReconnect(callback) {
  afterReconnect.add(callback);
}

/** Whether news arrive right now; while not, a page has to ask. */
export function hearsNews() {
  return socket?.readyState === WebSocket.OPEN && attempt === 0;
}

function connect() {
  clearTimeout(retryTimer);
  retryTimer = 0;
  const url = new URL("/ws/me/", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const opened = new WebSocket(url);
  socket = opened;
  heardAt = Date.now();
  opened.addEventListener("message", ({ data }) => {
    if (opened === socket) take(JSON.parse(data));
  });
  opened.addEventListener("close", ({ code }) => {
    if (opened === socket) lost(code);
  });
}

function take(news) {
  heardAt = Date.now();
  attempt = 0;
  if (news.type === "member.joined") for (const callback of afterReconnect) callback();
  for (const callback of callbacks.get(news.type) ?? []) callback(news);
}

function lost(code) {
  signedOut = code === SIGN_IN_FIRST;
  if (signedOut) return;
  const pause = code === TOO_MANY ? TOO_MANY_MS : Math.min(SLOWEST_MS, 500 * 2 ** attempt++);
  reconnect(pause * (0.5 + Math.random() / 2));
}

function reconnect(pause) {
  if (signedOut) return;
  clearTimeout(retryTimer);
  const old = socket;
  socket = null;
  old?.close();
  retryTimer = setTimeout(connect, pause);
}

/** A connection can die without a word, and a page that slept has missed its time. */
function lookAlive() {
  if (socket && Date.now() - heardAt > SILENT_MS) reconnect(0);
}
