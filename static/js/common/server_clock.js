// The server's clock, whatever the device's own says: what counts down must not depend on a wrong one.
const KEY = "server-clock-offset";
const stamp = document.querySelector("[data-server-time]")?.dataset.serverTime;
const [load] = performance.getEntriesByType("navigation");

function stored() {
  try {
    return Number(sessionStorage.getItem(KEY)) || 0;
  } catch {
    return 0;
  }
}

function measured() {
  // A page out of the browser's memory carries an old time.
  if (!stamp || !load || load.type === "back_forward") return stored();
  const offset = Date.parse(stamp) - (performance.timeOrigin + load.responseStart);
  try {
    sessionStorage.setItem(KEY, offset);
  } catch {
    // It is then measured with the next page.
  }
  return offset;
}

const offset = measured();

/** Milliseconds since 1970 on the server. */
export function serverNow() {
  return Date.now() + offset;
}
