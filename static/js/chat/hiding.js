const QUOTED = 80;

/**
 * Follow what the room hears of hidden messages; of each the newest word counts. Returns a function that makes a
 * message, and the one it quotes, what the room knows of them (the same object where nothing changes); `apply` is called
 * when more is known.
 */
export function followHiding(room, apply) {
  const heard = new Map();

  const take = (seq, version, news) => {
    if (version > (heard.get(seq)?.version ?? -1)) heard.set(seq, { version, ...news });
  };
  const asHeard = (message) => {
    const itself = withOwn(message, heard.get(message.seq));
    return withQuote(itself, itself.reply && heard.get(itself.reply.seq));
  };

  room.addEventListener("chat.hidden", ({ detail: { seqs, version } }) => {
    for (const seq of seqs) take(seq, version, { hidden: true });
    apply();
  });
  room.addEventListener("chat.shown", ({ detail: { message, version } }) => {
    take(message.seq, version, { hidden: false, shown: message });
    apply();
  });
  // A state knows what was missed while the connection was away; what came after it was read is heard again.
  room.addEventListener("state", ({ detail }) => {
    heard.clear();
    for (const seq of detail.hidden) heard.set(seq, { version: -1, hidden: true });
    apply();
  });
  return asHeard;
}

function withOwn(message, news) {
  if (!news || news.hidden === Boolean(message.hidden)) return message;
  return news.hidden ? { ...message, hidden: true } : { ...message, ...news.shown };
}

function withQuote(message, news) {
  if (!news) return message;
  const { name, text } = news.hidden ? { name: "", text: "" } : quoted(news.shown);
  const { reply } = message;
  return reply.name === name && reply.text === text ? message : { ...message, reply: { ...reply, name, text } };
}

function quoted({ author, text }) {
  return { name: author.name, text: Array.from(text).slice(0, QUOTED).join("") };
}
