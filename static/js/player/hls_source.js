import { loadScript } from "../common/load_script.js";

const RETRY_MS = 1500;
const TICK_MS = 1000;
const NUDGE_AFTER = 4;
const RELOAD_AFTER = 9;
/** Seconds behind the live edge from which a viewer is told so. */
const BEHIND_S = 6;

/** Three parts behind the edge; without the maximum, hls.js never catches up from further back. */
const LIVE = {
  lowLatencyMode: true,
  maxLiveSyncPlaybackRate: 1.1,
  liveSyncDuration: 0.9,
  liveMaxLatencyDuration: 4,
  liveSyncOnStallIncrease: 0.3,
};
/** A server that restarts answers nothing for some seconds; with hls.js's own two tries that would be the end. */
const RETRY = { maxNumRetry: 60, retryDelayMs: 500, maxRetryDelayMs: 2000, backoff: "linear" };
const PATIENT = { maxTimeToFirstByteMs: 10000, maxLoadTimeMs: 30000, timeoutRetry: RETRY, errorRetry: RETRY };

function sendCookies(request) {
  request.withCredentials = true;
}

/**
 * Feeds a <video> from an HLS address and never gives up while `wanted()` says that there is a picture to show.
 * Tells "levels" when it knows the picture sizes on offer, "level" when another one is shown.
 */
export class HlsSource extends EventTarget {
  #video;
  #options;
  #hls = null;
  #hasManifest = false;
  #retryTimer = 0;
  #mediaErrorAt = 0;
  #seen = 0;
  #still = 0;
  /** Where a film begins or, loaded anew, goes on; null for a live picture. Seconds. */
  #startAt;

  /**
   * options: {url, script, worker, wanted, startAt (seconds, replay) or null (live), credentials (whether another
   * origin gets the playback cookies)}
   */
  constructor(video, options) {
    super();
    this.#video = video;
    this.#options = options;
    this.#startAt = options.startAt;
    setInterval(() => this.#watch(), TICK_MS);
  }

  async start() {
    clearTimeout(this.#retryTimer);
    const { script } = this.#options;
    // Safari's own player knows low-latency HLS, saves battery and works where scripts cannot feed a video.
    if (navigator.vendor.startsWith("Apple") && this.#video.canPlayType("application/vnd.apple.mpegurl")) {
      this.#video.addEventListener("error", () => this.#again(() => this.#loadByBrowser()));
      this.#loadByBrowser();
      return;
    }
    try {
      const Hls = await loadScript(script, "Hls");
      this.#build(Hls);
    } catch {
      this.#again(() => this.start());
    }
  }

  #loadByBrowser() {
    this.#keepPlace();
    const { url } = this.#options;
    this.#video.src = this.#startAt ? `${url}#t=${this.#startAt}` : url;
  }

  /** The picture should be there by now: look again at once. */
  nudge() {
    this.#still = 0;
    if (!this.#hls) return;
    if (this.#hasManifest) this.#loadOn();
    else this.#hls.loadSource(this.#options.url);
  }

  get behind() {
    const edge = this.#liveEdge;
    return edge !== null && edge - this.#video.currentTime > BEHIND_S;
  }

  /** The moment that is on the picture, ms by the clock of the server that stamped it; null if it did not. */
  get moment() {
    if (this.#hls) return this.#hls.playingDate?.getTime() ?? null;
    const start = this.#video.getStartDate?.().getTime();
    return Number.isFinite(start) ? start + this.#video.currentTime * 1000 : null;
  }

  /** [{width, height}] of what the viewer may choose from, smallest first; empty where the browser decides alone. */
  get levels() {
    return this.#hls?.levels ?? [];
  }

  /** Index of the level that is shown, -1 before the first. */
  get level() {
    return this.#hls?.currentLevel ?? -1;
  }

  /** Show this level from the next segment on; -1 leaves the choice to the connection. */
  choose(index) {
    if (this.#hls) this.#hls.nextLevel = index;
  }

  toLive() {
    const edge = this.#hls?.liveSyncPosition ?? this.#liveEdge;
    if (edge) this.#video.currentTime = edge;
  }

  get #liveEdge() {
    if (this.#startAt !== null) return null;
    if (this.#hls) return this.#hls.liveSyncPosition;
    const { seekable } = this.#video;
    return seekable.length ? seekable.end(seekable.length - 1) : null;
  }

  #build(Hls) {
    const { url, worker, credentials } = this.#options;
    const live = this.#startAt === null;
    // No backBufferLength: the browser frees played video itself. When hls.js (1.7) does, it forgets which parts of
    // the newest segment it has, and about once a minute waits for one that it then never asks for.
    const hls = new Hls({
      workerPath: worker,
      playlistLoadPolicy: { default: PATIENT },
      fragLoadPolicy: { default: PATIENT },
      ...(credentials ? { xhrSetup: sendCookies } : {}),
      ...(live ? LIVE : { startPosition: this.#startAt }),
    });
    this.#hls = hls;
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
      this.#hasManifest = true;
      this.dispatchEvent(new Event("levels"));
    });
    hls.on(Hls.Events.LEVEL_SWITCHED, () => this.dispatchEvent(new Event("level")));
    hls.on(Hls.Events.ERROR, (_, error) => {
      if (!error.fatal) return;
      if (error.type === Hls.ErrorTypes.MEDIA_ERROR && Date.now() - this.#mediaErrorAt > 5000) {
        this.#mediaErrorAt = Date.now();
        hls.recoverMediaError();
      } else if (error.type === Hls.ErrorTypes.NETWORK_ERROR) {
        this.#again(() => this.nudge());
      } else {
        this.#again(() => this.#rebuild(Hls));
      }
    });
    hls.attachMedia(this.#video);
    hls.loadSource(url);
  }

  #rebuild(Hls) {
    this.#keepPlace();
    this.#hls.destroy();
    this.#hasManifest = false;
    this.#build(Hls);
  }

  /** A film goes on where it stood. Loaded anew it stands at 0 until its first picture, which says nothing. */
  #keepPlace() {
    if (this.#startAt !== null) this.#startAt = this.#video.currentTime || this.#startAt;
  }

  /** hls.js knows by itself where to load on, but for a film without a picture so far: that one would begin at 0. */
  #loadOn() {
    this.#hls.startLoad(this.#video.currentTime ? -1 : (this.#startAt ?? -1));
  }

  #reload() {
    this.#keepPlace();
    if (this.#startAt !== null) this.#hls.config.startPosition = this.#startAt;
    this.#hls.loadSource(this.#options.url);
  }

  #again(action) {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => (this.#options.wanted() ? action() : this.#again(action)), RETRY_MS);
  }

  /** A picture that stands still although nobody paused it is first nudged, then loaded anew. */
  #watch() {
    const video = this.#video;
    const moving = video.currentTime !== this.#seen;
    this.#seen = video.currentTime;
    if (moving || video.paused || !this.#hls || !this.#options.wanted() || !navigator.onLine) {
      this.#still = 0;
      return;
    }
    this.#still += 1;
    if (this.#still === NUDGE_AFTER) this.#loadOn();
    if (this.#still === RELOAD_AFTER) {
      this.#still = 0;
      this.#reload();
    }
  }
}
