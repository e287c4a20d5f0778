import { csrfToken } from "../common/csrf.js";
import { clock, fill, grouped } from "../common/format.js";
import { serverNow } from "../common/server_clock.js";

const RESULT_MS = 60_000;
const TICK_MS = 250;

/** The poll, quiz or draw of a room: drawn from what the room is told; only the own answer is asked for. */
export class ActivityCard {
  #card;
  #texts;
  #activity = null;
  #version = -1;
  #own = new Map();
  #dismissed = new Set();
  #isBusy = false;
  #ticking = 0;
  #hiding = 0;

  constructor(page, room) {
    this.#card = page.querySelector("[data-activity]");
    this.#texts = this.#card.dataset;
    room.addEventListener("state", ({ detail }) => this.#takeState(detail.activity));
    room.addEventListener("activity.changed", ({ detail }) => this.#take(detail));
    room.addEventListener("activity.counted", ({ detail }) => this.#takeCounts(detail));
    this.#part("close").addEventListener("click", () => {
      this.#dismissed.add(this.#activity.code);
      this.#hide();
    });
    this.#part("options").addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button) this.#answer(button.value);
    });
  }

  #takeState(activity) {
    if (!activity) return this.#hide();
    if (activity.version >= this.#version) this.#show(activity);
    // Somebody who comes late may have answered before the page was loaded anew.
    if (activity.status === "open" && "member" in this.#texts && !this.#own.has(activity.code)) this.#ask("GET");
  }

  #take(activity) {
    if (activity.version <= this.#version) return;
    if (activity.status === "open") this.#own.set(activity.code, {});
    this.#show(activity);
  }

  #takeCounts({ code, version, counts, total }) {
    if (version <= this.#version || code !== this.#activity?.code) return;
    this.#version = version;
    Object.assign(this.#activity, { counts, total });
    this.#draw();
  }

  #show(activity) {
    this.#version = activity.version;
    this.#activity = activity;
    clearTimeout(this.#hiding);
    if (this.#dismissed.has(activity.code) && activity.status === "open") return;
    this.#note("");
    this.#build();
    this.#card.hidden = false;
    this.#tick();
    if (activity.status === "closed") this.#hiding = setTimeout(() => this.#hide(), RESULT_MS);
  }

  #hide() {
    this.#card.hidden = true;
    clearTimeout(this.#ticking);
  }

  #tick() {
    clearTimeout(this.#ticking);
    const clockText = this.#part("clock");
    const left = Date.parse(this.#activity.closes_at) - serverNow();
    if (this.#activity.status === "closed") clockText.textContent = this.#texts.textClosed;
    else if (left > 0) clockText.textContent = clock(left + 999);
    else clockText.textContent = this.#texts.textOver;
    if (this.#isOpen !== !this.#card.hasAttribute("data-over")) this.#draw();
    if (this.#activity.status === "open") this.#ticking = setTimeout(() => this.#tick(), TICK_MS);
  }

  get #isOpen() {
    return this.#activity.status === "open" && Date.parse(this.#activity.closes_at) > serverNow();
  }

  #build() {
    const { kind, options, question, code, places, buyers_only: buyersOnly } = this.#activity;
    const texts = this.#texts;
    this.#part("kind").textContent = { poll: texts.textPoll, quiz: texts.textQuiz, draw: texts.textDraw }[kind];
    this.#part("question").textContent = question;
    texts.kind = kind;
    const promise = { quiz: texts.textFastest, draw: texts.textPlaces }[kind];
    this.#card.dataset.promise = [promise && fill(promise, places), buyersOnly && texts.textBuyers].filter(Boolean).join(" · ");
    const template = this.#card.querySelector("[data-activity-option]");
    const labels = kind === "draw" ? [texts.textEnter] : options;
    this.#part("options").replaceChildren(
      ...labels.map((label, place) => {
        const button = template.content.firstElementChild.cloneNode(true);
        button.value = kind === "draw" ? "" : place;
        button.querySelector(".activity-label").textContent = label;
        return button;
      }),
    );
    const draw = this.#part("draw");
    draw.href = texts.drawUrl.replace("CODE", code);
    draw.hidden = kind !== "draw";
    this.#draw();
  }

  #draw() {
    const { kind, counts, total, right, status } = this.#activity;
    const own = this.#own.get(this.#activity.code) ?? {};
    const isOpen = this.#isOpen;
    const answered = Boolean(own.ticket);
    this.#card.toggleAttribute("data-over", !isOpen);
    const facts = [this.#card.dataset.promise, fill(this.#texts.textTotal, grouped(total))];
    this.#part("facts").textContent = facts.filter(Boolean).join(" · ");
    const signIn = this.#part("sign-in");
    if (signIn) signIn.hidden = !isOpen;
    const showsShares = counts.length > 1 && (kind === "poll" ? answered || !isOpen || signIn : status === "closed");
    for (const [place, button] of [...this.#part("options").children].entries()) {
      const share = showsShares && total ? counts[place] / total : 0;
      const isOwn = answered && kind !== "draw" && own.option === place;
      button.disabled = !isOpen || !("member" in this.#texts) || (answered && kind !== "poll");
      button.hidden = kind === "draw" && (answered || !isOpen);
      button.toggleAttribute("data-own", isOwn);
      button.toggleAttribute("data-right", right === place);
      button.querySelector(".activity-bar").style.transform = `scaleX(${share})`;
      const marks = [right === place && this.#texts.textRight, isOwn && this.#texts.textMine, showsShares && `${Math.round(share * 100)}%`];
      button.querySelector(".activity-share").textContent = marks.filter(Boolean).join(" · ");
    }
    this.#say(own);
  }

  /** What the line below says of the own part and of the result. */
  #say({ option, ticket }) {
    const { kind, status, winners, right } = this.#activity;
    const texts = this.#texts;
    const says = [];
    if (status === "closed") {
      if (ticket && winners.some((winner) => winner.ticket === ticket)) says.push(texts.textWon);
      else if (ticket && kind === "quiz" && option === right) says.push(texts.textWasRight);
      const names = winners.map(({ name }) => name).join(", ");
      if (kind !== "poll") says.push(names ? fill(texts.textWinners, { names }) : texts.textNobody);
      if (kind === "draw" && ticket) says.push(fill(texts.textTicket, { ticket }));
    } else if (ticket && kind === "draw") says.push(fill(texts.textTicket, { ticket }));
    else if (ticket && kind === "quiz") says.push(texts.textSent);
    if (says.length) this.#note(says.join("\n"));
  }

  #note(text) {
    const note = this.#part("note");
    if (note.textContent !== text) note.textContent = text;
  }

  async #answer(option) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#note("");
    await this.#ask("POST", new URLSearchParams({ option }));
    this.#isBusy = false;
  }

  async #ask(method, body) {
    const { code } = this.#activity;
    try {
      const response = await fetch(this.#texts.answerUrl.replace("CODE", code), {
        method,
        body,
        headers: method === "POST" ? { "X-CSRFToken": csrfToken() } : {},
      });
      if (response.redirected) return location.assign(this.#part("sign-in")?.href ?? response.url);
      const { option, ticket, message } = await response.json();
      this.#own.set(code, { option, ticket });
      if (code !== this.#activity.code) return;
      this.#draw();
      if (message) this.#note(message);
    } catch {
      if (method === "POST") this.#note(this.#texts.textFailed);
    }
  }

  #part(name) {
    return this.#card.querySelector(`[data-activity-${name}]`);
  }
}
