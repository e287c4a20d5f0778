import "../site/site.js";
import { fill } from "../common/format.js";
import { toast } from "../common/toast.js";
import { canShareScreen, listDevices, openCamera, openMicrophone, openScreen, problemOf } from "./devices.js";
import { FORMAT } from "./recording.js";
import { Sound } from "./sound.js";
import { Uplink } from "./uplink.js";
import { keepAwake } from "./wake_lock.js";

const SESSION = "camera-session";
const TURNED_MS = 600;

/** The seller's camera: devices, preview, level, and the uplink that sends them. */
class CameraPage {
  #root;
  #texts;
  #choices;
  #uplink;
  #sound = null;
  #video = null;
  #fromScreen = false;
  #turnTimer = 0;

  constructor(root) {
    this.#root = root;
    this.#texts = root.dataset;
    this.#choices = root.querySelector("[data-choices]");
    // The same after a reload, so that the page takes over from itself.
    const session = sessionStorage.getItem(SESSION) ?? crypto.randomUUID();
    sessionStorage.setItem(SESSION, session);
    this.#uplink = new Uplink(this.#texts.socket, session);
    if (!this.#supported()) return;
    this.#choose();
    this.#listen();
    this.#show("off");
  }

  #supported() {
    const problem = !isSecureContext ? "insecure" : !FORMAT || !navigator.mediaDevices?.getUserMedia ? "unsupported" : "";
    if (problem) {
      this.#say(this.#text(problem));
      this.#button("open").disabled = true;
    }
    return !problem;
  }

  #choose() {
    const { shape } = this.#choices.elements;
    shape.value = matchMedia("(orientation: portrait)").matches ? "portrait" : "landscape";
  }

  #listen() {
    const actions = {
      open: () => this.#open(),
      screen: () => this.#share(),
      send: () => this.#send(),
      stop: () => this.#uplink.stop(),
      mute: () => this.#mute(),
    };
    this.#root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) actions[button.dataset.do]();
    });
    this.#choices.addEventListener("change", ({ target }) => this.#changed(target.name));
    this.#choices.addEventListener("submit", (event) => event.preventDefault());
    navigator.mediaDevices.addEventListener("devicechange", () => this.#video && this.#list());
    this.#uplink.addEventListener("state", ({ detail }) => this.#uplinkIs(detail));
    this.#uplink.addEventListener("slower", () => {
      toast(this.#texts.textSlower);
      this.#showFacts();
    });
    // A phone that was turned sends a picture of another shape, which needs a recording of its own.
    screen.orientation?.addEventListener("change", () => {
      clearTimeout(this.#turnTimer);
      this.#turnTimer = setTimeout(() => !this.#fromScreen && this.#video && this.#openCamera(), TURNED_MS);
    });
    window.addEventListener("beforeunload", (event) => this.#uplink.running && event.preventDefault());
    // The show has ended, from here or from elsewhere: what the camera sends now would be for nobody.
    document.addEventListener("htmx:after:swap", () => {
      const { showStatus } = document.querySelector("[data-show-status]")?.dataset ?? {};
      if (["ended", "cancelled"].includes(showStatus)) this.#uplink.stop();
    });
  }

  #settings() {
    return Object.fromEntries(new FormData(this.#choices));
  }

  async #open() {
    this.#show("opening");
    try {
      // Together: the browser then asks once for both.
      const [video, audio] = await this.#both();
      this.#hear(audio);
      this.#take(video, { fromScreen: false });
      this.#show("preview");
      await this.#list();
    } catch (error) {
      this.#fail(error);
    }
  }

  async #both() {
    const video = await openCamera(this.#settings());
    try {
      return [video, await openMicrophone(this.#settings())];
    } catch (error) {
      video.stop();
      throw error;
    }
  }

  async #openCamera() {
    this.#video?.stop(); // many phones have one camera open at a time only
    try {
      this.#take(await openCamera(this.#settings()), { fromScreen: false });
    } catch (error) {
      this.#fail(error);
    }
  }

  async #share() {
    if (this.#fromScreen) return this.#openCamera();
    try {
      const { video, audio } = await openScreen(this.#settings());
      this.#sound?.put("screen", audio);
      this.#take(video, { fromScreen: true });
    } catch (error) {
      if (problemOf(error) !== "denied") this.#fail(error); // choosing nothing is no fault
    }
  }

  async #changed(name) {
    if (name === "bitrate") {
      this.#uplink.restart(undefined, Number(this.#settings().bitrate));
      this.#showFacts();
    } else if (!this.#video) {
      return;
    } else if (name === "microphone") {
      try {
        this.#hear(await openMicrophone(this.#settings()));
      } catch (error) {
        this.#fail(error);
      }
    } else if (!this.#fromScreen) {
      await this.#openCamera();
    }
  }

  #hear(track) {
    if (!this.#sound) {
      this.#sound = new Sound();
      this.#sound.addEventListener("level", ({ detail }) => this.#showLevel(detail));
      this.#sound.addEventListener("quiet", ({ detail }) => this.#showQuiet(detail.quiet));
    }
    this.#sound.resume();
    this.#sound.put("microphone", track);
  }

  /** Show this picture, and send it if one is being sent. */
  #take(track, { fromScreen }) {
    if (this.#video !== track) this.#video?.stop();
    if (!fromScreen) this.#sound?.put("screen", null);
    this.#video = track;
    this.#fromScreen = fromScreen;
    track.contentHint = fromScreen ? "detail" : "motion";
    track.addEventListener("ended", () => this.#video === track && this.#ended());
    const preview = this.#root.querySelector("[data-preview]");
    preview.srcObject = new MediaStream([track]);
    this.#root.toggleAttribute("data-mirrored", !fromScreen && track.getSettings().facingMode !== "environment");
    this.#button("screen").setAttribute("aria-pressed", String(fromScreen));
    this.#uplink.restart(this.#stream());
    this.#showFacts();
  }

  #stream() {
    return new MediaStream([this.#video, this.#sound.track]);
  }

  async #ended() {
    if (this.#fromScreen) return this.#openCamera();
    this.#uplink.stop();
    this.#close();
    this.#say(this.#text("lost"));
  }

  #close() {
    this.#video?.stop();
    this.#video = null;
    this.#sound?.close();
    this.#sound = null;
    this.#show("off");
  }

  #fail(error) {
    this.#uplink.stop();
    this.#close();
    this.#say(this.#text(problemOf(error)));
  }

  #send() {
    this.#uplink.start(this.#stream(), Number(this.#settings().bitrate));
  }

  #mute() {
    const button = this.#button("mute");
    const muted = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(muted));
    if (this.#sound) this.#sound.muted = muted;
  }

  #uplinkIs({ state, code, message }) {
    keepAwake(state !== "stopped");
    if (state === "stopped") {
      if (this.#video) this.#show("preview");
      if (code) this.#say(message || this.#text(code));
      return;
    }
    this.#show(state);
    if (message) this.#say(message);
  }

  #list() {
    const { camera, microphone } = this.#choices.elements;
    return listDevices(camera, microphone, this.#texts);
  }

  #show(state) {
    const pressed = document.activeElement?.closest("[data-do]");
    this.#texts.state = state;
    const sending = ["connecting", "sending", "retrying"].includes(state);
    const open = sending || state === "preview";
    this.#button("open").hidden = open;
    this.#button("open").disabled = state === "opening";
    this.#button("screen").hidden = !open || !canShareScreen;
    this.#button("mute").hidden = !open;
    this.#button("send").hidden = state !== "preview";
    this.#button("stop").hidden = !sending;
    this.#root.querySelector("[data-sending]").hidden = state !== "sending";
    if (pressed?.hidden) this.#button(sending ? "stop" : open ? "send" : "open").focus();
    this.#say(this.#text(state));
    this.#showFacts();
  }

  #showFacts() {
    const facts = this.#root.querySelector("[data-facts]");
    facts.hidden = !this.#video;
    if (!this.#video) return;
    const { width: w, height: h, frameRate } = this.#video.getSettings();
    const kbps = this.#uplink.running ? this.#uplink.kbps : this.#settings().bitrate;
    facts.textContent = fill(this.#texts.textSize, { w, h, fps: Math.round(frameRate), kbps });
  }

  #showLevel({ level, loud }) {
    const meter = this.#root.querySelector("[data-level]");
    meter.style.setProperty("--level", level.toFixed(3));
    meter.setAttribute("aria-valuenow", String(Math.round(level * 100)));
    meter.toggleAttribute("data-loud", loud);
  }

  #showQuiet(quiet) {
    const notice = this.#root.querySelector("[data-quiet]");
    notice.hidden = !quiet;
    notice.querySelector("strong").textContent = this.#texts.textQuiet;
  }

  #button(name) {
    return this.#root.querySelector(`[data-do="${name}"]`);
  }

  /** "no-device" → data-text-no-device. */
  #text(name) {
    return this.#root.getAttribute(`data-text-${name}`) ?? "";
  }

  #say(text) {
    this.#root.querySelector("[data-says]").textContent = text;
  }
}

const root = document.querySelector("[data-camera]");
if (root) new CameraPage(root);
