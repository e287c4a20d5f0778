/** Makes the elements of messages from the page's template; `me` is the viewer's own name. */
export class MessageDrawer {
  #template;
  #hiddenText;
  me = "";

  constructor(root) {
    this.#template = root.querySelector("[data-message-template]");
    this.#hiddenText = this.#template.dataset.textHidden;
  }

  /** Return the element; one that was hidden before this page saw it has none. */
  draw(message) {
    if (message.hidden) return message.author.name ? this.#hidden(message) : null;
    const item = this.#template.content.cloneNode(true).firstElementChild;
    const { author, reply = null, mentions = [] } = message;
    if (message.seq) Object.assign(item.dataset, { seq: message.seq, author: author.code });
    for (const badge of item.querySelectorAll("[data-badge]")) {
      const worn = badge.dataset.badge === "bought" ? author.bought : badge.dataset.badge === author.badge;
      if (!worn) badge.remove();
    }
    item.querySelector(".message-author").textContent = author.name;
    item.querySelector(".message-text").replaceChildren(...this.#spoken(message.text, mentions));
    this.#quote(item.querySelector(".message-quote"), reply);
    if (this.me && (mentions.includes(this.me) || reply?.name === this.me)) item.dataset.toMe = "";
    return item;
  }

  #hidden({ seq }) {
    const item = document.createElement("p");
    item.className = "message message--hidden";
    item.dataset.seq = seq;
    item.textContent = this.#hiddenText;
    return item;
  }

  #quote(quote, reply) {
    if (!reply) return quote.remove();
    quote.querySelector("b").textContent = reply.name;
    quote.querySelector("span").textContent = reply.text || this.#hiddenText;
  }

  /** The text, with the names it speaks to marked. */
  #spoken(text, mentions) {
    const pieces = [];
    let rest = text;
    const names = mentions.map((name) => `@${name}`).sort((one, other) => other.length - one.length);
    while (rest) {
      const found = names
        .map((name) => ({ name, at: rest.indexOf(name) }))
        .filter(({ at }) => at >= 0)
        .sort((one, other) => one.at - other.at)[0];
      if (!found) break;
      const mark = document.createElement("b");
      mark.className = "message-mention";
      mark.textContent = found.name;
      pieces.push(rest.slice(0, found.at), mark);
      rest = rest.slice(found.at + found.name.length);
    }
    return [...pieces, rest];
  }
}
