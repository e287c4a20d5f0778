const PING_MS = 20_000;
const GAP_MS = 300;
const SLOWEST_MS = 15_000;
const NO_SUCH_ROOM = 4004;
const TOO_SLOW = 4008;
const BUSY = 4013;
const TOO_MANY = 4029;

/**
 * The live room's socket. Messages come out once each and in order, whatever the connection does:
 * "message", "refused", "state", "broadcast", "stock", "price", "deal", "coupon", "viewers", "replay" and
 * "connection" events; everything else under the type it has on the wire ("question.changed").
 */
export class Room extends EventTarget {
  #path;
  #socket = null;
  #lastSeq = null;
  #version = -1;
  #stockVersions = new Map();
  #unanswered = new Map();
  #early = new Map();
  #attempt = 0;
  #asked = false;
  #retryTimer = 0;
  #gapTimer = 0;
  #closed = false;
  #spreadMs;

  /** Thousands of viewers must not all ask at once: `spreadMs` is how long they may wait. The seller need not. */
  constructor(path, { spreadMs = 2000 } = {}) {
    super();
    this.#path = path;
    this.#spreadMs = spreadMs;
    setInterval(() => this.#keepAlive(), PING_MS);
    window.addEventListener("online", () => this.#reconnect(0));
    window.addEventListener("offline", () => {
      this.#socket?.close();
      this.#tell("connection", { state: "offline" });
    });
  }

  connect() {
    clearTimeout(this.#retryTimer);
    const url = new URL(this.#path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#tell("connection", { state: navigator.onLine ? "connecting" : "offline" });
    socket.addEventListener("open", () => {
      this.#asked = false;
      this.#sync();
    });
    socket.addEventListener("message", (event) => {
      this.#asked = false;
      for (const frame of JSON.parse(event.data)) this.#take(frame);
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.#socket) this.#lost(event.code);
    });
  }

  /** Send a message under a key of our own; sent again under the same key, it still appears once. */
  say(text, { key = crypto.randomUUID(), replyTo = null } = {}) {
    const frame = { type: "say", key, text, reply_to: replyTo };
    this.#unanswered.set(key, frame);
    this.#send(frame);
    return key;
  }

  /** Give hearts, at most 20 at once. While the connection is away they are not counted. */
  giveHearts(count) {
    this.#send({ type: "hearts", count });
  }

  /** Ask for the whole state again. */
  refresh() {
    this.#sync();
  }

  #take(event) {
    switch (event.type) {
      case "room.state":
        return this.#takeState(event);
      case "chat.message":
        return this.#takeMessage(event);
      case "chat.refused":
        this.#unanswered.delete(event.key);
        return this.#tell("refused", event);
      case "broadcast.changed":
        return this.#takeBroadcast(event);
      case "broadcast.replay_ready":
        return this.#tell("replay", event);
      case "stock.changed":
        return this.#takeStock({ ...event, code: event.product });
      case "price.changed":
        return this.#tell("price", event);
      case "deal.started":
      case "deal.changed":
      case "deal.ended":
        return this.#tell("deal", event);
      case "coupon.dropped":
        return this.#tell("coupon", event);
      case "viewers.changed":
        return this.#tell("viewers", { count: event.count });
      case "room.resync":
        return setTimeout(() => this.#sync(), Math.random() * this.#spreadMs);
      default:
        return this.#tell(event.type, event);
    }
  }

  #takeState(state) {
    this.#attempt = 0;
    if (state.reset || this.#lastSeq === null) {
      this.#lastSeq = state.history.length ? state.history[0].seq - 1 : state.last_seq;
      if (state.reset) this.#early.clear();
    }
    this.#tell("state", state);
    for (const message of state.history) this.#takeMessage(message);
    if (state.more) return this.#sync();
    this.#lastSeq = Math.max(this.#lastSeq, state.last_seq);
    this.#showEarly();
    this.#takeBroadcast(state.broadcast, true);
    for (const product of state.products) this.#takeStock(product);
    this.#tell("viewers", { count: state.viewers });
    this.#tell("connection", { state: "open" });
    for (const frame of this.#unanswered.values()) this.#send(frame);
  }

  #takeMessage(message) {
    if (this.#lastSeq !== null && message.seq <= this.#lastSeq) {
      // An answer to one of ours that a long absence made us skip.
      if (this.#unanswered.delete(message.key)) this.#tell("message", { ...message, mine: true });
    } else if (this.#lastSeq === null) {
      this.#early.set(message.seq, message);
    } else if (message.seq > this.#lastSeq + 1) {
      this.#early.set(message.seq, message);
      this.#gapTimer ||= setTimeout(() => this.#sync(), GAP_MS);
    } else if (message.seq === this.#lastSeq + 1) {
      this.#show(message);
      this.#showEarly();
    }
  }

  #showEarly() {
    while (this.#early.has(this.#lastSeq + 1)) this.#show(this.#early.get(this.#lastSeq + 1));
    for (const seq of this.#early.keys()) if (seq <= this.#lastSeq) this.#early.delete(seq);
    if (!this.#early.size) this.#clearGap();
  }

  #show(message) {
    this.#lastSeq = message.seq;
    this.#early.delete(message.seq);
    const mine = this.#unanswered.delete(message.key);
    this.#tell("message", { ...message, mine });
  }

  #takeBroadcast(broadcast, again = false) {
    if (!broadcast || (again ? broadcast.version < this.#version : broadcast.version <= this.#version)) return;
    this.#version = broadcast.version;
    this.#tell("broadcast", broadcast);
  }

  #takeStock({ code, left, version }) {
    if (version < (this.#stockVersions.get(code) ?? -1)) return;
    this.#stockVersions.set(code, version);
    this.#tell("stock", { code, left });
  }

  #sync() {
    this.#clearGap();
    this.#send({ type: "sync", after: this.#lastSeq });
  }

  #clearGap() {
    clearTimeout(this.#gapTimer);
    this.#gapTimer = 0;
  }

  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #keepAlive() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    // A connection can die without a word (a phone that changed networks): the last ping was never answered.
    if (this.#asked) return this.#reconnect(0);
    this.#asked = true;
    this.#send({ type: "ping" });
  }

  #lost(code) {
    if (code === NO_SUCH_ROOM) {
      this.#closed = true;
      return this.#tell("connection", { state: "gone" });
    }
    const backOff = Math.min(SLOWEST_MS, 500 * 2 ** this.#attempt++) * (0.5 + Math.random() / 2);
    this.#tell("connection", { state: navigator.onLine ? "connecting" : "offline", busy: code === TOO_MANY || code === BUSY });
    this.#reconnect(code === TOO_SLOW ? 0 : code === TOO_MANY ? Math.max(10_000, backOff) : backOff);
  }

  #reconnect(delay) {
    if (this.#closed) return;
    clearTimeout(this.#retryTimer);
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.#retryTimer = setTimeout(() => this.connect(), delay);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
