const GIVE_UP_MS = 5000;
let leftAt = -Infinity;
addEventListener("beforeunload", () => {
  leftAt = performance.now();
});

/** Load the page anew, unless its reader has just gone on to another one: that would call them back. */
export function loadAgain() {
  const wait = leftAt + GIVE_UP_MS - performance.now();
  if (wait > 0) setTimeout(loadAgain, wait);
  else location.reload();
}
