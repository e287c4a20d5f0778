const KEPT = 200;
const NEAR_END_PX = 48;
const CLOSED = ["ended", "cancelled"];

/** The chat of a room: what others say, what one says oneself (shown at once) and what was refused. */
export class Chat {
  #room;
  #texts;
  #log;
  #chip;
  #messageTemplate;
  #problemTemplate;
  #pending = new Map();
  #following = true;
  #name = "";
  #seller = false;

  constructor(root, room, texts) {
    this.#room = room;
    this.#texts = texts;
    this.#log = root.querySelector("[data-chat-log]");
    this.#chip = root.querySelector("[data-chat-new]");
    this.#messageTemplate = root.querySelector("[data-message-template]");
    this.#problemTemplate = root.querySelector("[data-problem-template]");

    room.addEventListener("state", ({ detail }) => this.#state(detail));
    room.addEventListener("message", ({ detail }) => this.#message(detail));
    room.addEventListener("refused", ({ detail }) => this.#refused(detail));
    room.addEventListener("connection", ({ detail }) => {
      root.querySelector("[data-chat-state]").hidden = detail.state === "open" || detail.state === "gone";
    });

    room.addEventListener("broadcast", ({ detail }) => {
      if (!CLOSED.includes(detail.status)) return;
      root.querySelector("[data-composer], [data-sign-in]")?.remove();
      root.querySelector("[data-chat-closed]").hidden = false;
    });

    this.#log.addEventListener("scroll", () => this.#scrolled());
    this.#chip.addEventListener("click", () => this.#toEnd());
    new ResizeObserver(() => this.#following && this.#toEnd()).observe(this.#log);

    const form = root.querySelector("[data-composer]");
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = form.elements.text.value.trim();
      if (!text) return;
      form.reset();
      this.#say(text);
    });
  }

  #state({ you, reset }) {
    if (you?.name) this.#name = you.name;
    this.#seller = Boolean(you?.is_seller);
    if (reset) this.#log.replaceChildren(...this.#pending.values());
  }

  #say(text) {
    const key = this.#room.say(text);
    const item = this.#item({ name: this.#name, badge: this.#seller ? "seller" : "" }, text);
    item.dataset.state = "pending";
    this.#pending.set(key, item);
    this.#following = true;
    this.#append(item);
  }

  #message({ key, author, text }) {
    // The confirmed one takes the place that the room's order gives it, not the one it was typed at.
    this.#pending.get(key)?.remove();
    this.#pending.delete(key);
    this.#append(this.#item(author, text));
  }

  #refused({ key, code, message, retry_ms: retryMs = 0 }) {
    const item = this.#pending.get(key);
    if (!item) return;
    item.dataset.state = "refused";
    const problem = this.#problemTemplate.content.cloneNode(true).firstElementChild;
    problem.querySelector("span").textContent = message || this.#texts.textUnsent;
    const button = problem.querySelector("button");
    button.hidden = !["rate", "sign_in"].includes(code);
    button.disabled = retryMs > 0;
    setTimeout(() => {
      button.disabled = false;
    }, retryMs);
    button.addEventListener("click", () => {
      problem.remove();
      item.dataset.state = "pending";
      this.#room.say(item.querySelector(".message-text").textContent, key);
    });
    item.append(problem);
    if (this.#following) this.#toEnd();
  }

  #item(author, text) {
    const item = this.#messageTemplate.content.cloneNode(true).firstElementChild;
    item.querySelector(".message-badge").hidden = author.badge !== "seller";
    item.querySelector(".message-author").textContent = author.name;
    item.querySelector(".message-text").textContent = text;
    return item;
  }

  #append(item) {
    // Messages still on their way stay last.
    const firstPending = item.dataset.state ? null : this.#pending.values().next().value;
    this.#log.insertBefore(item, firstPending?.parentNode === this.#log ? firstPending : null);
    if (this.#following) {
      while (this.#log.children.length > KEPT) this.#log.firstElementChild.remove();
      this.#toEnd();
    } else {
      this.#chip.hidden = false;
    }
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    this.#following = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.#following) this.#chip.hidden = true;
  }

  #toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#following = true;
    this.#chip.hidden = true;
  }
}
