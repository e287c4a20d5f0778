/** Follow what the room hears of hidden messages; of each the newest word counts. `change(seq, change)` applies it. */
export function followHiding(room, change) {
  const versions = new Map();
  const isNews = (seq, version) => {
    if (version <= (versions.get(seq) ?? -1)) return false;
    versions.set(seq, version);
    return true;
  };
  room.addEventListener("chat.hidden", ({ detail: { seqs, version } }) => {
    for (const seq of seqs) if (isNews(seq, version)) change(seq, (message) => ({ ...message, hidden: true }));
  });
  room.addEventListener("chat.shown", ({ detail: { message, version } }) => {
    if (isNews(message.seq, version)) change(message.seq, (old) => ({ ...old, ...message }));
  });
}
