import { fill } from "../common/format.js";
import { MessageMenu } from "../chat/message_menu.js";
import { serverNow } from "../common/server_clock.js";

const CLOSED = ["ended", "cancelled"];

/**
 * The order in a room as its viewers see it: the notice on top, how one may write right now, and the menu of each
 * message. Keepers write as they like.
 */
export class Moderation {
  #notice;
  #rule;
  #composer;
  #you = {};
  #rules = { version: -1 };
  #restriction = null;
  #restrictedAt = -1;
  #closed = false;
  #timer = 0;
  #placeholder = null;

  constructor(page, room) {
    this.#notice = page.querySelector("[data-chat-notice]");
    this.#rule = page.querySelector("[data-chat-rule]");
    this.#composer = page.querySelector("[data-composer]");
    if (!this.#rule) return;
    new MessageMenu(page);
    room.addEventListener("state", ({ detail }) => this.#state(detail));
    room.addEventListener("chat.rules", ({ detail }) => this.#takeRules(detail));
    room.addEventListener("chat.member_restricted", ({ detail }) => {
      if (detail.member === this.#you.code) this.#takeRestriction(detail, detail.version);
    });
    room.addEventListener("broadcast", ({ detail }) => {
      this.#closed = CLOSED.includes(detail.status);
      this.#show();
    });
  }

  #state({ you, rules }) {
    this.#you = you;
    this.#takeRules(rules);
    // Without one the state does not say as of when: it is newer than what came before it all the same.
    this.#takeRestriction(you.restriction, you.restriction?.version ?? this.#restrictedAt);
  }

  #takeRules(rules) {
    if (rules.version < this.#rules.version) return;
    this.#rules = rules;
    this.#show();
  }

  #takeRestriction(restriction, version) {
    if (version < this.#restrictedAt) return;
    this.#restrictedAt = version;
    this.#restriction = restriction?.kind ? restriction : null;
    this.#show();
  }

  #show() {
    const { notice = "" } = this.#rules;
    this.#notice.hidden = !notice || this.#closed;
    this.#notice.querySelector("[data-chat-notice-text]").textContent = notice;

    const text = this.#words();
    this.#rule.hidden = !text;
    if (this.#rule.textContent !== text) this.#rule.textContent = text;
    if (!this.#composer) return;
    const stopped = Boolean(this.#restriction) || (this.#rules.frozen && !this.#you.keeps_order);
    for (const element of this.#composer.elements) element.disabled = stopped;
    const { text: input } = this.#composer.elements;
    this.#placeholder ??= input.placeholder;
    input.placeholder = stopped ? this.#rule.dataset.textStopped : this.#placeholder;
  }

  #words() {
    clearTimeout(this.#timer);
    const texts = this.#rule.dataset;
    if (this.#closed || !this.#you.name || this.#you.keeps_order) return "";
    if (this.#restriction?.kind === "ban") return texts.textBanned;
    if (this.#restriction) {
      const left = Math.ceil((Date.parse(this.#restriction.until) - serverNow()) / 1000);
      if (left > 0) {
        this.#timer = setTimeout(() => this.#show(), left > 120 ? 30_000 : 1000);
        return fill(texts.textTimeout, { time: span(left, texts) });
      }
      this.#restriction = null;
    }
    if (this.#rules.frozen) return texts.textFrozen;
    const { slow_seconds: slow = 0 } = this.#rules;
    return slow ? fill(texts.textSlow, { time: span(slow, texts) }) : "";
  }
}

function span(seconds, { textSeconds, textMinutes, textHours }) {
  if (seconds < 60) return fill(textSeconds, seconds);
  if (seconds < 3600) return fill(textMinutes, Math.ceil(seconds / 60));
  return fill(textHours, Math.ceil(seconds / 3600));
}
