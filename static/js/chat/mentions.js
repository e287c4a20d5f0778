const MOST = 6;

/** A list of names while one types "@" and the beginning of one; arrow keys and Enter choose. */
export class Suggestions {
  #input;
  #list;
  #people;
  #chosen = 0;

  constructor(form, input, people) {
    this.#input = input;
    this.#list = form.querySelector("[data-suggestions]");
    this.#people = people;
    input.addEventListener("input", () => this.#suggest());
    input.addEventListener("blur", () => this.close());
    this.#list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the line keeps its focus
      const option = event.target.closest("[role=option]");
      if (option) this.#put(option.textContent);
    });
  }

  /** Use a key; returns whether it was for the list. */
  take(event) {
    const options = [...this.#list.children];
    if (this.#list.hidden || !options.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#choose((this.#chosen + step + options.length) % options.length);
    else if (["Enter", "Tab"].includes(event.key)) this.#put(options[this.#chosen].textContent);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  close() {
    this.#list.hidden = true;
    this.#input.removeAttribute("aria-activedescendant");
    this.#input.setAttribute("aria-expanded", "false");
  }

  #suggest() {
    const begun = this.#begun();
    const names = begun === null ? [] : this.#people().filter((name) => name.startsWith(begun)).slice(0, MOST);
    if (!names.length) return this.close();
    this.#list.replaceChildren(
      ...names.map((name, place) => {
        const option = document.createElement("li");
        option.id = `chat-name-${place}`;
        option.role = "option";
        option.textContent = name;
        return option;
      }),
    );
    this.#list.hidden = false;
    this.#input.setAttribute("aria-expanded", "true");
    this.#choose(0);
  }

  /** What was typed of a name, null outside of one. */
  #begun() {
    const before = this.#input.value.slice(0, this.#input.selectionStart);
    return before.match(/(?:^|\s)@(\S{0,20})$/)?.[1] ?? null;
  }

  #choose(place) {
    this.#chosen = place;
    for (const [at, option] of [...this.#list.children].entries()) option.ariaSelected = String(at === place);
    this.#input.setAttribute("aria-activedescendant", `chat-name-${place}`);
  }

  #put(name) {
    const caret = this.#input.selectionStart;
    const begin = caret - this.#begun().length;
    this.#input.setRangeText(`${name} `, begin, caret, "end");
    this.close();
  }
}
