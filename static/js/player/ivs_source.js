import { loadScript } from "../common/load_script.js";
import { serverNow } from "../common/server_clock.js";

const RETRY_MS = 1500;
const SLOWEST_MS = 15_000;
/** Seconds behind the encoder from which a viewer is told so: IVS itself needs two to five. */
const BEHIND_S = 10;

/**
 * Feeds a <video> from Amazon IVS, whose live addresses only its own player knows well, and never gives up while
 * `wanted()` says that there is a picture to show. Tells
 * "cue" {detail: what was sent with the picture, parsed from JSON}, "failed" {detail: {type, code, message, refused}},
 * "muted" (the browser wanted it so) and "blocked" (it wants a tap first).
 */
export class IvsSource extends EventTarget {
  #video;
  #options;
  #player = null;
  #retryTimer = 0;
  #tries = 0;

  /** options: {address (gives the newest), script, worker, wasm, wanted} */
  constructor(video, options) {
    super();
    this.#video = video;
    this.#options = options;
  }

  async start() {
    clearTimeout(this.#retryTimer);
    const { script, address } = this.#options;
    try {
      const library = await loadScript(script, "IVSPlayer");
      if (!library.isPlayerSupported) {
        this.#video.src = address();
        return;
      }
      this.#build(library);
      this.#load();
    } catch (error) {
      this.#failed({ type: "ErrorNotAvailable", code: 0, message: error.message });
      this.#again(() => this.start());
    }
  }

  /** The picture should be there by now: look again at once, unless it is. */
  nudge() {
    this.#tries = 0;
    if (this.#player && !["Playing", "Buffering"].includes(this.#player.getState())) this.#load();
  }

  get behind() {
    return this.#player !== null && !this.#video.paused && this.#player.getLiveLatency() > BEHIND_S;
  }

  /** The moment that is on the picture, ms: as far behind now as the player reckons; null before it does. */
  get moment() {
    const latency = this.#player?.getLiveLatency() ?? 0;
    return latency > 0 ? serverNow() - latency * 1000 : null;
  }

  toLive() {
    this.#load();
  }

  #build({ create, PlayerEventType, PlayerState, ErrorType }) {
    const { worker, wasm } = this.#options;
    const player = create({
      wasmWorker: new URL(worker, location.href).href,
      wasmBinary: new URL(wasm, location.href).href,
    });
    this.#player = player;
    player.attachHTMLVideoElement(this.#video);
    player.setAutoplay(true);
    player.addEventListener(PlayerEventType.ERROR, ({ type, code, message }) => {
      const refused = type === ErrorType.AUTHORIZATION || code === 401 || code === 403;
      this.#failed({ type, code, message, refused });
      this.#again(() => this.#load());
    });
    player.addEventListener(PlayerState.PLAYING, () => {
      this.#tries = 0;
    });
    player.addEventListener(PlayerState.ENDED, () => this.#again(() => this.#load()));
    player.addEventListener(PlayerEventType.TEXT_METADATA_CUE, ({ text }) => this.#cue(text));
    player.addEventListener(PlayerEventType.AUDIO_BLOCKED, () => this.#tell("muted"));
    player.addEventListener(PlayerEventType.PLAYBACK_BLOCKED, () => this.#tell("blocked"));
  }

  #load() {
    clearTimeout(this.#retryTimer);
    this.#player.load(this.#options.address());
  }

  #again(action) {
    clearTimeout(this.#retryTimer);
    const pause = Math.min(SLOWEST_MS, RETRY_MS * 2 ** this.#tries++) * (0.5 + Math.random() / 2);
    this.#retryTimer = setTimeout(() => (this.#options.wanted() ? action() : this.#again(action)), pause);
  }

  #cue(text) {
    try {
      const cue = JSON.parse(text);
      if (cue && typeof cue === "object") this.#tell("cue", cue);
    } catch {
      // Somebody else's metadata: an encoder may send its own.
    }
  }

  #failed(detail) {
    this.#tell("failed", detail);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
