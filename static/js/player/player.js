import { clock } from "../common/format.js";
import { HlsSource } from "./hls_source.js";
import { IvsSource } from "./ivs_source.js";
import { connectQuality } from "./quality.js";
import { connectStoryboard } from "./storyboard.js";

const ON_AIR = ["live", "reconnecting"];
const WAIT_SHOWN_MS = 400;
const STEPS_S = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -30, PageUp: 30 };

/**
 * The picture and its controls. `root` carries the state for the style sheet (data-player, data-shape) and the
 * broadcast's status; the video element inside is the same one for the life of the page.
 */
export class Player {
  #root;
  #stage;
  #video;
  #source;
  #live;
  #begun = false;
  #pausedByViewer = false;
  #mutedByBrowser = false;
  #waitTimer = 0;

  constructor(root, { autoplay = true } = {}) {
    const stage = root.querySelector("[data-stage]");
    const { replayUrl, startsAtMs, durationMs } = stage.dataset;
    this.#root = root;
    this.#stage = stage;
    this.#video = stage.querySelector("[data-video]");
    this.#live = !replayUrl;
    this.#listen();
    this.#connectControls(stage);
    if (!autoplay) return;
    if (!this.#live || this.#wantsLivePicture()) this.#begin();
    if (!this.#live) this.#connectSeek(stage, Number(startsAtMs), Number(durationMs));
    else setInterval(() => this.#action("live")?.toggleAttribute("hidden", !this.#source?.behind), 1000);
  }

  /**
   * The moment (ms, server's clock) that is on the picture; -Infinity while a live picture is on its way; null where
   * there is none, or it knows no clock.
   */
  get moment() {
    if (!this.#live || !this.#begun || !this.#wantsLivePicture()) return null;
    return this.#video.currentTime ? this.#source.moment : -Infinity;
  }

  /** Tell the player that the broadcast's status (already on the root) has changed. */
  statusChanged() {
    if (!this.#live) return;
    if (!this.#wantsLivePicture()) {
      if (["ended", "cancelled"].includes(this.#root.dataset.status)) this.#video.pause();
    } else if (this.#begun) {
      this.#source.nudge();
      if (!this.#pausedByViewer) this.#play();
    } else {
      this.#begin();
    }
  }

  /** The address of a live picture is in the page only while the show is on air. */
  #begin() {
    const { playbackUrl, replayUrl, ivs } = this.#stage.dataset;
    const url = replayUrl || playbackUrl;
    if (!url) return;
    this.#begun = true;
    this.#source = this.#live && ivs ? this.#ivsSource() : this.#hlsSource(url);
    const quality = this.#stage.querySelector("[data-quality]");
    if (quality) connectQuality(quality, this.#source);
    this.#show("waiting");
    this.#source.start();
    this.#play();
  }

  #hlsSource(url) {
    const { startsAtMs, hls, hlsWorker } = this.#stage.dataset;
    return new HlsSource(this.#video, {
      url,
      script: hls,
      worker: hlsWorker,
      startAt: this.#live ? null : Number(startsAtMs) / 1000 + secondsAskedFor(),
      wanted: () => !this.#live || this.#wantsLivePicture(),
      credentials: "credentials" in this.#stage.dataset,
    });
  }

  /** The page hears of it on the root: "player:cue" (what travelled with the picture), "player:refused". */
  #ivsSource() {
    const { ivs, ivsWorker, ivsWasm } = this.#stage.dataset;
    const source = new IvsSource(this.#video, {
      address: () => this.#stage.dataset.playbackUrl,
      script: ivs,
      worker: ivsWorker,
      wasm: ivsWasm,
      wanted: () => this.#wantsLivePicture(),
    });
    const tell = (type, detail) => this.#root.dispatchEvent(new CustomEvent(`player:${type}`, { detail }));
    source.addEventListener("cue", ({ detail }) => tell("cue", detail));
    source.addEventListener("failed", ({ detail }) => detail.refused && tell("refused", detail));
    source.addEventListener("muted", () => {
      this.#mutedByBrowser = true;
      this.#action("sound")?.removeAttribute("hidden");
    });
    source.addEventListener("blocked", () => this.#needTap());
    return source;
  }

  #wantsLivePicture() {
    return this.#root.dataset.picture === "always" || ON_AIR.includes(this.#root.dataset.status);
  }

  async #play() {
    const video = this.#video;
    try {
      await video.play();
    } catch (error) {
      if (error.name !== "NotAllowedError") return;
      if (video.muted) return this.#needTap();
      // Sound needs a tap first; a silent picture is better than none.
      video.muted = true;
      this.#mutedByBrowser = true;
      try {
        await video.play();
        this.#action("sound")?.removeAttribute("hidden");
      } catch (again) {
        if (again.name === "NotAllowedError") this.#needTap();
      }
    }
  }

  #needTap() {
    this.#show("blocked");
    this.#action("start")?.removeAttribute("hidden");
  }

  #soundOn() {
    this.#video.muted = false;
    this.#mutedByBrowser = false;
    this.#action("sound")?.setAttribute("hidden", "");
    this.#video.play().catch(() => this.#needTap());
  }

  #start() {
    this.#action("start").setAttribute("hidden", "");
    this.#soundOn();
  }

  #toggle() {
    const video = this.#video;
    this.#pausedByViewer = !video.paused;
    if (video.paused) this.#play();
    else video.pause();
  }

  #listen() {
    const video = this.#video;
    video.addEventListener("playing", () => {
      this.#root.dataset.seen = "";
      this.#show("playing");
    });
    video.addEventListener("timeupdate", () => {
      if (!video.paused && !video.seeking && this.#root.dataset.player === "waiting") this.#show("playing");
    });
    video.addEventListener("waiting", () => {
      clearTimeout(this.#waitTimer);
      this.#waitTimer = setTimeout(() => this.#show("waiting"), WAIT_SHOWN_MS);
    });
    video.addEventListener("pause", () => this.#show("paused"));
    video.addEventListener("canplay", () => {
      if (video.paused && !this.#pausedByViewer && this.#action("start")?.hidden !== false) this.#play();
    });
    video.addEventListener("resize", () => {
      if (video.videoWidth) this.#root.dataset.shape = video.videoHeight > video.videoWidth ? "portrait" : "landscape";
    });
    video.addEventListener("volumechange", () => {
      this.#action("mute")?.setAttribute("aria-pressed", String(video.muted));
      if (!video.muted) this.#action("sound")?.setAttribute("hidden", "");
    });
  }

  #show(state) {
    clearTimeout(this.#waitTimer);
    this.#root.dataset.player = state;
    this.#action("play")?.setAttribute("aria-pressed", String(!this.#video.paused));
  }

  #action(name) {
    return this.#root.querySelector(`[data-action="${name}"]`);
  }

  #connectControls(stage) {
    const video = this.#video;
    const actions = {
      play: () => this.#toggle(),
      start: () => this.#start(),
      sound: () => this.#soundOn(),
      live: () => this.#toLive(),
      mute: () => (video.muted ? this.#soundOn() : (video.muted = true)),
      pip: () => (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture()),
      fullscreen: () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen()),
    };
    stage.addEventListener("click", (event) => {
      const button = event.target.closest("[data-action]");
      if (button) Promise.resolve(actions[button.dataset.action]()).catch(() => {});
      else if (event.target.closest("[data-tap]")) this.#tapped();
    });
    if (document.pictureInPictureEnabled) this.#action("pip")?.removeAttribute("hidden");
    if (document.fullscreenEnabled) this.#action("fullscreen")?.removeAttribute("hidden");
    const volume = stage.querySelector("[data-volume]");
    volume?.addEventListener("input", () => {
      video.volume = volume.value / 100;
      video.muted = video.volume === 0;
      fillRange(volume);
    });
    if (volume) fillRange(volume);
  }

  /** On a phone a touch on a live picture must not stop it by accident. */
  #tapped() {
    if (this.#mutedByBrowser) this.#soundOn();
    else if (!this.#live || matchMedia("(hover: hover)").matches) this.#toggle();
  }

  #toLive() {
    this.#source.toLive();
    this.#pausedByViewer = false;
    this.#play();
  }

  #connectSeek(stage, startsAt, duration) {
    const range = stage.querySelector("[data-seek-range]");
    const now = stage.querySelector("[data-seek-now]");
    range.min = startsAt;
    range.max = duration;
    stage.querySelector("[data-seek-length]").textContent = clock(duration - startsAt);
    const showTime = (ms) => {
      now.textContent = clock(ms - startsAt);
      range.setAttribute("aria-valuetext", now.textContent);
      fillRange(range);
    };
    let dragging = false;
    range.addEventListener("input", () => {
      dragging = true;
      showTime(Number(range.value));
    });
    range.addEventListener("change", () => {
      dragging = false;
      this.#video.currentTime = range.value / 1000;
    });
    range.addEventListener("keydown", (event) => {
      const step = STEPS_S[event.key];
      if (!step) return;
      event.preventDefault();
      const seconds = Math.min(duration / 1000, Math.max(startsAt / 1000, this.#video.currentTime + step));
      this.#video.currentTime = seconds;
    });
    this.#video.addEventListener("timeupdate", () => {
      if (dragging) return;
      range.value = this.#video.currentTime * 1000;
      showTime(Number(range.value));
    });
    showTime(startsAt);
    connectStoryboard(stage, range);
  }
}

/** A link may lead into a replay: `?t=` is the seconds from where it begins. */
function secondsAskedFor() {
  const seconds = Number(new URLSearchParams(location.search).get("t"));
  return seconds > 0 && Number.isFinite(seconds) ? seconds : 0;
}

function fillRange(range) {
  const { min, max, value } = range;
  range.style.setProperty("--fill", `${max > min ? ((value - min) / (max - min)) * 100 : 0}%`);
}
