let wanted = false;
let lock = null;

/** Keep the screen on while `on`: a phone that darkens stops its camera. Browsers take the lock from hidden pages. */
export async function keepAwake(on) {
  wanted = on;
  if (!on) {
    await lock?.release();
    lock = null;
  } else if (!document.hidden) {
    // Refused when the battery is low; then the phone's own setting counts.
    lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  }
}

document.addEventListener("visibilitychange", () => wanted && keepAwake(true));
