import { fileSize, fill, timeLeft } from "../common/format.js";
import { unfinished } from "./resume.js";
import { UploadServer } from "./server.js";
import { Upload } from "./upload.js";

const ANNOUNCED_PERCENT = 25;

/** A form's field that takes a file: the hidden input gets the code under which the site knows it. */
export class UploadField {
  #root;
  #upload;
  #input;
  #chooser;
  #texts;
  #announced = "";
  #shownUrl = "";

  constructor(root) {
    const { uploadUrl, purpose } = root.dataset;
    this.#root = root;
    this.#texts = root.dataset;
    this.#input = root.querySelector("input[type='hidden']");
    this.#chooser = root.querySelector("[data-upload-file]");
    this.#upload = new Upload(new UploadServer(uploadUrl), purpose);
    this.#upload.addEventListener("change", () => this.#changed());
    this.#upload.addEventListener("progress", () => this.#showProgress());
    this.#listen();
    if (this.#input.value) this.#upload.adopt(this.#input.value);
    else this.#changed();
  }

  /** Whether leaving the page now would lose something. */
  get running() {
    return this.#upload.running;
  }

  /** Whether the form may be sent: a video needs only to have arrived, a picture to be finished. */
  get settled() {
    const waits = ["paused", "failed", ...(this.#texts.purpose === "video" ? [] : ["checking"])];
    return !this.running && !waits.includes(this.#upload.state);
  }

  /** Its field was taken out of the page. */
  discard() {
    this.#upload.cancel();
  }

  #listen() {
    const root = this.#root;
    this.#chooser.addEventListener("change", () => {
      const [file] = this.#chooser.files;
      this.#chooser.value = "";
      if (file) this.#choose(file);
    });
    root.addEventListener("click", (event) => {
      const action = event.target.closest("[data-upload-action]")?.dataset.uploadAction;
      if (action === "pause") this.#upload.pause();
      if (action === "resume") this.#upload.resume();
      if (action === "remove") this.#remove();
      if (action === "choose") this.#chooser.click();
    });
    for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
      root.addEventListener(type, (event) => this.#dragged(event));
    }
    // The card tells what became of a video: a refused one is nothing that a form could use.
    root.addEventListener("asset:status", ({ detail: { status } }) => {
      root.toggleAttribute("data-unusable", ["refused", "failed", "cancelled"].includes(status));
      this.#input.value = root.hasAttribute("data-unusable") ? "" : this.#upload.code;
      root.dispatchEvent(new Event("upload:change", { bubbles: true }));
    });
  }

  #choose(file) {
    this.#showPicture(file.type.startsWith("image/") ? URL.createObjectURL(file) : "");
    this.#upload.start(file);
  }

  #remove() {
    this.#upload.cancel();
    this.#showPicture("");
    this.#chooser.focus();
  }

  #dragged(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const over = event.type === "dragenter" || event.type === "dragover";
    this.#root.toggleAttribute("data-over", over);
    const [file] = event.type === "drop" ? event.dataTransfer.files : [];
    if (file) this.#choose(file);
  }

  #changed() {
    const { state, file, asset, problem } = this.#upload;
    const texts = this.#texts;
    const arrived = ["checking", "ready"].includes(state);
    this.#input.value = arrived ? this.#upload.code : "";
    for (const part of this.#root.querySelectorAll("[data-when]")) {
      part.hidden = !part.dataset.when.split(" ").includes(state);
    }
    this.#root.dataset.state = state;
    this.#root.removeAttribute("data-unusable");
    this.#fill("name", file?.name ?? asset?.name ?? "");
    this.#fill("size", file ? fileSize(file.size) : "");
    this.#fill("problem", problem || (state === "refused" ? texts.textRefused : texts.textFailed));
    this.#showProgress();
    this.#showHint(state);
    if (state === "refused") this.#showPicture("");
    if (state === "ready" && !this.#shownUrl) this.#showPicture(asset.poster_url || asset.playback_url);
    this.#showCard(arrived);
    this.#root.dispatchEvent(new Event("upload:change", { bubbles: true }));
  }

  #showProgress() {
    const { state, file, loaded, rate } = this.#upload;
    const texts = this.#texts;
    const percent = file ? Math.floor((loaded / file.size) * 100) || 0 : 0;
    const text = fill(this.#stateText(state), percent);
    const bar = this.#root.querySelector("[data-upload-bar]");
    bar.style.setProperty("--part", percent / 100);
    bar.setAttribute("aria-valuenow", percent);
    bar.setAttribute("aria-valuetext", text);
    this.#fill("text", text);
    const left = rate.secondsLeft(file?.size ?? 0);
    const speed = fill(texts.textSpeed, ((rate.perSecond ?? 0) / 1e6).toFixed(1));
    this.#fill("rate", state === "uploading" && left !== null ? `${speed} · ${timeLeft(left, texts)}` : "");
    // A problem is an alert of its own.
    const aloud = fill(this.#stateText(state), percent - (percent % ANNOUNCED_PERCENT));
    this.#announce(["refused", "failed"].includes(state) ? "" : aloud);
  }

  #stateText(state) {
    return this.#texts[`text${state[0].toUpperCase()}${state.slice(1)}`] ?? "";
  }

  /** Said aloud at each change of state and each quarter of the way, not with every byte. */
  #announce(text) {
    if (text === this.#announced) return;
    this.#announced = text;
    this.#fill("announce", text);
  }

  #showHint(state) {
    const hint = this.#root.querySelector("[data-upload-hint]");
    const begun = state === "empty" ? unfinished(this.#texts.purpose) : null;
    if (!hint) return;
    hint.hidden = !begun;
    this.#fill("hint-name", begun?.name ?? "");
  }

  #showPicture(url) {
    const picture = this.#root.querySelector("[data-upload-picture]");
    if (!picture) return;
    if (this.#shownUrl.startsWith("blob:")) URL.revokeObjectURL(this.#shownUrl);
    this.#shownUrl = url;
    picture.hidden = !url;
    if (url) picture.src = url;
    else picture.removeAttribute("src");
  }

  /** From its arrival on, a video is told of by the site's own card. */
  #showCard(arrived) {
    const place = this.#root.querySelector("[data-upload-card]");
    if (!place) return;
    const { code } = this.#upload;
    if (!arrived) {
      place.replaceChildren();
      delete place.dataset.code;
    } else if (place.dataset.code !== code) {
      place.dataset.code = code;
      window.htmx.ajax("GET", `${this.#texts.uploadUrl}${code}/card/`, { target: place, swap: "innerHTML" });
    }
  }

  #fill(name, text) {
    const place = this.#root.querySelector(`[data-upload-${name}]`);
    if (place && place.textContent !== text) place.textContent = text;
  }
}
