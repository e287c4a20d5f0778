import { HlsSource } from "/static/js/player/hls_source.js";
import { readClock } from "/clock.js";

const SAMPLE_MS = 100;
/** The whole library; the site's player loads the light build itself. */
const { Hls } = window;

/** What a viewer of one <video> saw. Times are ms since 1970. */
class Viewer {
  #video;
  openedAt = Date.now();
  playingAt = null;
  /** Each [when, the clock in the picture, or null if it could not be read]. */
  samples = [];
  waits = [];

  constructor(video) {
    this.#video = video;
    video.addEventListener("playing", () => {
      this.playingAt ??= Date.now();
    });
    video.addEventListener("waiting", () => {
      if (this.playingAt) this.waits.push(Date.now());
    });
    setInterval(() => this.#sample(), SAMPLE_MS);
  }

  #sample() {
    if (!this.playingAt) return;
    const clock = readClock(this.#video);
    this.samples.push([Date.now(), clock]);
  }
}

/** As a page of the site plays a live broadcast. */
function watchOurs(url) {
  const video = document.getElementById("ours");
  window.ours = new Viewer(video);
  const source = new HlsSource(video, {
    url,
    script: "/hls.js/hls.light.min.js",
    worker: "/hls.js/hls.worker.js",
    startAt: null,
    wanted: () => true,
  });
  source.start();
  video.play();
}

/** As hls.js plays when nothing is set. */
function watchPeer(url) {
  const video = document.getElementById("peer");
  window.peer = new Viewer(video);
  const hls = new Hls();
  hls.attachMedia(video);
  hls.loadSource(url);
  video.play();
}

Object.assign(window, { watchOurs, watchPeer });
