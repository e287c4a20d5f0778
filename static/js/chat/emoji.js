const EMOJI = [
  ..."😀😂🤣😊😍🥰😘😎🤔😮😢😭😡🥺😴🤗",
  ..."👍👎👏🙏🙌👌💪👋🤝✌️🫶💯❤️🧡💛💚💙💜🔥✨🎉🎁🛒💸⭐🌸🍀☕🍎👗👟💄👜⌚".match(/\p{Extended_Pictographic}\uFE0F?/gu),
];

/** A small panel of emoji, put in where the caret is. */
export class EmojiPicker {
  #button;
  #panel;
  #input;

  constructor(form, input) {
    this.#button = form.querySelector("[data-emoji]");
    this.#panel = form.querySelector("[data-emoji-panel]");
    this.#input = input;
    this.#button.addEventListener("click", () => this.#toggle());
    this.#panel.addEventListener("click", ({ target }) => {
      if (target.matches("button")) this.#put(target.textContent);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#panel.hidden) return;
      event.stopPropagation();
      this.#close();
      input.focus();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.#panel.contains(target) && !this.#button.contains(target)) this.#close();
    });
    form.addEventListener("submit", () => this.#close());
  }

  #toggle() {
    if (!this.#panel.hidden) return this.#close();
    if (!this.#panel.children.length) this.#fill();
    this.#panel.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
  }

  #fill() {
    this.#panel.append(
      ...EMOJI.map((emoji) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = emoji;
        return button;
      }),
    );
  }

  #close() {
    this.#panel.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
  }

  #put(emoji) {
    const { selectionStart, selectionEnd, value, maxLength } = this.#input;
    if (value.length + emoji.length > maxLength) return;
    this.#input.setRangeText(emoji, selectionStart, selectionEnd, "end");
  }
}
