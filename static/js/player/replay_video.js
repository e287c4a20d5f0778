import { HlsSource } from "./hls_source.js";

/** A replay in an ordinary <video controls>; positions are milliseconds from where its part of the show begins. */
export class ReplayVideo {
  #video;
  #startsAt;

  /** `place` is the element of _replay_video.html. */
  constructor(place) {
    const { hls, hlsWorker, replayUrl, startsAtMs, durationMs } = place.dataset;
    this.#video = place.querySelector("video");
    this.#startsAt = Number(startsAtMs);
    this.length = Number(durationMs) - this.#startsAt;
    const options = { url: replayUrl, script: hls, worker: hlsWorker, startAt: this.#startsAt / 1000, wanted: () => true };
    new HlsSource(this.#video, options).start();
  }

  get ms() {
    return Math.min(this.length, Math.max(0, Math.round(this.#video.currentTime * 1000) - this.#startsAt));
  }

  /** Show that moment. */
  seek(ms) {
    this.#video.currentTime = (this.#startsAt + ms) / 1000;
  }

  play() {
    return this.#video.play().catch(() => {}); // browsers may want a tap first; the controls are there
  }

  pause() {
    this.#video.pause();
  }

  /** Call `listener` with the position whenever it moves. */
  follow(listener) {
    for (const type of ["timeupdate", "seeking"]) this.#video.addEventListener(type, () => listener(this.ms));
  }
}
