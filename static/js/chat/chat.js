import { Composer } from "./composer.js";
import { Flood } from "./flood.js";
import { followHiding } from "./hiding.js";
import { ChatLog } from "./log.js";
import { MessageDrawer } from "./message.js";
import { pagesOf } from "./pages.js";

const CLOSED = ["ended", "cancelled"];
const BADGES = ["seller", "moderator"];
const MAY_TRY_AGAIN = ["rate", "sign_in", "slow", "busy"];

/** The chat of a room: what others say, what one says oneself (shown at once) and what was refused. */
export class Chat {
  #room;
  #texts;
  #log;
  #list;
  #drawer;
  #flood;
  #composer = null;
  #asHeard;
  #problemTemplate;
  #pending = new Map();
  #catchingUp = false;
  #seller = false;

  constructor(root, room, texts) {
    this.#room = room;
    this.#texts = texts;
    this.#list = root.querySelector("[data-chat-log]");
    this.#drawer = new MessageDrawer(root);
    this.#flood = new Flood(root.querySelector("[data-chat-flood]"));
    this.#problemTemplate = root.querySelector("[data-problem-template]");
    this.#asHeard = followHiding(room, () => {
      this.#log.change(this.#asHeard);
      this.#composer?.lookAgain(this.#asHeard);
    });
    const pages = pagesOf(root.querySelector("[data-chat]"), this.#asHeard);
    this.#log = new ChatLog(root, {
      draw: (message) => this.#drawer.draw(message),
      fetchOlder: (before) => pages.get({ before }),
    });
    this.#listen(root);

    const form = root.querySelector("[data-composer]");
    if (form) {
      this.#composer = new Composer(form, {
        say: (text, reply) => this.#say(text, reply),
        people: () => this.#people(),
      });
    }
    this.#list.addEventListener("click", ({ target }) => this.#answer(target));
  }

  #listen(root) {
    const room = this.#room;
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
  }

  #state({ you, reset }) {
    if (you?.name) this.#drawer.me = you.name;
    this.#seller = Boolean(you?.is_seller);
    if (reset) this.#log.reset();
    // The history that follows in the same moment is no flood, however long it is.
    this.#catchingUp = true;
    queueMicrotask(() => {
      this.#catchingUp = false;
    });
  }

  #say(text, reply) {
    const key = this.#room.say(text, { replyTo: reply?.seq });
    const author = { name: this.#drawer.me, badge: this.#seller ? "seller" : "" };
    const item = this.#drawer.draw({ author, text, reply });
    item.dataset.state = "pending";
    this.#pending.set(key, { item, text, reply });
    this.#list.append(item);
    this.#log.toEnd();
  }

  #message(message) {
    // The confirmed one takes the place that the room's order gives it, not the one it was typed at.
    this.#pending.get(message.key)?.item.remove();
    const isMine = this.#pending.delete(message.key) || message.mine;
    const isImportant = isMine || BADGES.includes(message.author.badge) || this.#isForMe(message);
    this.#log.add(this.#asHeard(message), { skip: !this.#catchingUp && this.#flood.skips({ isImportant }) });
  }

  #isForMe({ mentions = [], reply }) {
    const me = this.#drawer.me;
    return Boolean(me) && (mentions.includes(me) || reply?.name === me);
  }

  #refused({ key, code, message, retry_ms: retryMs = 0 }) {
    const { item, text, reply } = this.#pending.get(key) ?? {};
    if (!item) return;
    item.dataset.state = "refused";
    const problem = this.#problemTemplate.content.cloneNode(true).firstElementChild;
    problem.querySelector("span").textContent = message || this.#texts.textUnsent;
    const button = problem.querySelector("button");
    button.hidden = !MAY_TRY_AGAIN.includes(code);
    button.disabled = retryMs > 0;
    setTimeout(() => {
      button.disabled = false;
    }, retryMs);
    button.addEventListener("click", () => {
      problem.remove();
      item.dataset.state = "pending";
      this.#room.say(text, { key, replyTo: reply?.seq });
    });
    item.append(problem);
    if (this.#log.following) this.#log.toEnd();
  }

  /** Those who spoke last come first. */
  #people() {
    const names = this.#log.messages.slice(-500).map(({ author }) => author.name);
    return [...new Set(names.reverse())].filter((name) => name && name !== this.#drawer.me);
  }

  #answer(target) {
    const seq = target.closest("[data-reply]") && target.closest("[data-seq]")?.dataset.seq;
    const message = seq && this.#log.find(Number(seq));
    if (message) this.#composer?.answer(message);
  }
}
