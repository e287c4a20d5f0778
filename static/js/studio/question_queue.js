const PAUSE_MS = 1000;
const NEWS = ["chat.question", "question.votes", "screen.changed", "support.received", "state"];

/** Has the queue of questions in the control room fetched anew after news, but not under somebody's hands. */
export function followQueue(room) {
  let timer = 0;
  const fetchAnew = () => {
    const queue = document.querySelector("[data-questions-queue]");
    timer = 0;
    if (!queue) return;
    if (queue.querySelector(".queue-merge[open]")) timer = setTimeout(fetchAnew, PAUSE_MS);
    else document.body.dispatchEvent(new CustomEvent("questions:changed"));
  };
  for (const name of NEWS) {
    room.addEventListener(name, () => {
      timer ||= setTimeout(fetchAnew, PAUSE_MS);
    });
  }
}
