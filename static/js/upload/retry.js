const FIRST_MS = 800;
const SLOWEST_MS = 20_000;
const TRIES = 10;

/**
 * Trying again may help: the network, a busy server, an answer that never came. The message is for the person, "" if
 * the other side had no words; what happened stands in `cause`.
 */
export class Temporary extends Error {}

/** Trying again will not help; the message is for the person, "" if the other side had no words. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Resolves after so long or as soon as the device is back online, whatever is first; rejects when told to stop. */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const end = (settle, value) => {
      clearTimeout(timer);
      done.abort();
      settle(value);
    };
    const timer = Number.isFinite(ms) ? setTimeout(() => end(resolve), ms) : 0;
    window.addEventListener("online", () => end(resolve), { signal: done.signal });
    signal.addEventListener("abort", () => end(reject, signal.reason), { signal: done.signal });
  });
}

/**
 * Do it until it works: waits longer and longer, and for as long as the device is offline; gives up after ten tries
 * in vain. `onWaiting(true)` each time it has to wait, `onWaiting(false)` once it has worked after all.
 */
export async function persistently(action, { signal, onWaiting = () => {} }) {
  let tries = 0;
  let waited = false;
  for (;;) {
    try {
      signal.throwIfAborted();
      const result = await action();
      if (waited) onWaiting(false);
      return result;
    } catch (error) {
      tries += 1;
      if (!(error instanceof Temporary) || (navigator.onLine && tries >= TRIES)) throw error;
      waited = true;
      onWaiting(true);
      const longest = Math.min(SLOWEST_MS, FIRST_MS * 2 ** (tries - 1));
      if (!navigator.onLine) tries = 0;
      await pause(navigator.onLine ? longest * (0.5 + Math.random() / 2) : Infinity, signal);
    }
  }
}
