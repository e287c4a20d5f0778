import { EmojiPicker } from "./emoji.js";
import { Suggestions } from "./mentions.js";

/** The line one writes in: text, emoji, names after "@", and which message it answers. */
export class Composer {
  #form;
  #input;
  #answering;
  #reply = null;

  /** `say(text, reply)` sends it, `people()` lists whom one may speak to. */
  constructor(form, { say, people }) {
    this.#form = form;
    this.#input = form.elements.text;
    this.#answering = form.querySelector("[data-answering]");
    const suggestions = new Suggestions(form, this.#input, people);
    new EmojiPicker(form, this.#input);
    form.querySelector("[data-answering-stop]").addEventListener("click", () => {
      this.#stop();
      this.#input.focus();
    });
    this.#input.addEventListener("keydown", (event) => {
      // Korean is put together letter by letter: Enter then ends a syllable, not the message.
      if (event.isComposing) return;
      if (suggestions.take(event)) return;
      if (event.key === "Escape") this.#stop();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#input.value.trim();
      if (!text) return;
      const reply = this.#reply;
      form.reset();
      suggestions.close();
      this.#stop();
      say(text, reply);
    });
  }

  /** Let what is written next answer this message. */
  answer({ seq, author, text }) {
    this.#reply = { seq, name: author.name, text: text.slice(0, 80) };
    this.#answering.querySelector("b").textContent = author.name;
    this.#answering.querySelector("span").textContent = text;
    this.#answering.hidden = false;
    this.#input.focus();
  }

  /** What is being answered may have been hidden meanwhile. */
  lookAgain(asHeard) {
    if (this.#reply && asHeard({ seq: this.#reply.seq }).hidden) this.#stop();
  }

  #stop() {
    this.#reply = null;
    this.#answering.hidden = true;
  }
}
