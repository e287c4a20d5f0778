import { FORMAT, record } from "./recording.js";

/** The server takes frames of at most 64 KiB. */
const PIECE_BYTES = 60_000;
const FIRST_PAUSE_MS = 500;
const SLOWEST_MS = 8000;
const SETTLED_MS = 10_000;
const MOST_TRIES = 12;
const LOOK_MS = 1000;
const STUCK_MS = 5000;
/** Seconds of picture that wait to be sent: from then on the connection is too slow for it. */
const TOO_FAR_BEHIND_S = 6;
const LEAST_KBPS = 600;

/**
 * Sends a stream to the channel until `stop()`, over as many connections as that takes: each begins with a recorder of
 * its own. Tells "state" ({state: "connecting" | "sending" | "retrying" | "stopped", code, message}) and "slower".
 */
export class Uplink extends EventTarget {
  #url;
  #session;
  #stream = null;
  #kbps = 0;
  #socket = null;
  #stopRecorder = null;
  #retryTimer = 0;
  #watchTimer = 0;
  #tries = 0;
  #sendingSince = 0;
  #moved = { waiting: 0, at: 0 };

  constructor(path, session) {
    super();
    this.#url = new URL(path, location.href);
    this.#url.protocol = this.#url.protocol.replace("http", "ws");
    this.#session = session;
    window.addEventListener("online", () => this.#stream && !this.#stopRecorder && this.#connect());
  }

  get running() {
    return this.#stream !== null;
  }

  get kbps() {
    return this.#kbps;
  }

  start(stream, kbps) {
    this.#stream = stream;
    this.#kbps = kbps;
    this.#tries = 0;
    this.#tell({ state: "connecting" });
    this.#connect();
  }

  stop() {
    if (!this.#stream) return;
    this.#leave();
    this.#stream = null;
    this.#tell({ state: "stopped" });
  }

  /** Go on with another stream, or with the same after its picture changed its shape. */
  restart(stream = this.#stream, kbps = this.#kbps) {
    if (this.#stream) this.start(stream, kbps);
  }

  #connect() {
    this.#leave();
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    let refused = null;
    socket.addEventListener("open", () => {
      socket.send(JSON.stringify({ type: "start", session: this.#session, format: FORMAT }));
    });
    socket.addEventListener("message", ({ data }) => {
      const news = JSON.parse(data);
      if (news.type === "camera.ready") this.#record(socket);
      else if (news.type === "camera.ended") refused = news;
    });
    socket.addEventListener("close", () => {
      if (socket === this.#socket) this.#lost(refused);
    });
  }

  #record(socket) {
    if (socket !== this.#socket) return;
    const now = performance.now();
    this.#sendingSince = now;
    this.#moved = { waiting: 0, at: now };
    this.#stopRecorder = record(this.#stream, {
      kbps: this.#kbps,
      onSlice: (slice) => this.#send(socket, slice),
      onFailed: () => this.#lost(null),
    });
    this.#watchTimer = setInterval(() => this.#watch(socket), LOOK_MS);
    this.#tell({ state: "sending" });
  }

  #send(socket, slice) {
    if (socket.readyState !== WebSocket.OPEN) return;
    for (let start = 0; start < slice.size; start += PIECE_BYTES) socket.send(slice.slice(start, start + PIECE_BYTES));
  }

  /** A connection may stand still without a word, or be too slow for what is sent over it. */
  #watch(socket) {
    const now = performance.now();
    const waiting = socket.bufferedAmount;
    if (now - this.#sendingSince > SETTLED_MS) this.#tries = 0;
    if (waiting === 0 || waiting < this.#moved.waiting) this.#moved.at = now;
    this.#moved.waiting = waiting;
    if (waiting > (this.#kbps * 1000 * TOO_FAR_BEHIND_S) / 8 && this.#kbps > LEAST_KBPS) {
      this.#kbps = Math.max(LEAST_KBPS, Math.round(this.#kbps * 0.6));
      this.dispatchEvent(new Event("slower"));
      this.#connect();
    } else if (now - this.#moved.at > STUCK_MS) {
      this.#lost(null);
    }
  }

  #lost(refused) {
    this.#leave();
    const hopeless = refused && !refused.retry;
    if (hopeless || ++this.#tries > MOST_TRIES) {
      this.#stream = null;
      this.#tell({ state: "stopped", code: refused?.code ?? "gave-up", message: hopeless ? refused.message : "" });
      return;
    }
    const pause = Math.min(SLOWEST_MS, FIRST_PAUSE_MS * 2 ** (this.#tries - 1)) * (0.5 + Math.random() / 2);
    this.#retryTimer = setTimeout(() => this.#connect(), pause);
    this.#tell({ state: "retrying", message: refused?.message ?? "" });
  }

  #leave() {
    clearTimeout(this.#retryTimer);
    clearInterval(this.#watchTimer);
    this.#stopRecorder?.();
    this.#stopRecorder = null;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #tell(detail) {
    this.dispatchEvent(new CustomEvent("state", { detail }));
  }
}
