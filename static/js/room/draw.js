import "../site/site.js";

/** SHA-256 of a text in hexadecimal digits. */
async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Decide a draw as docs/draws.md says. */
async function decide(seed, tickets, places) {
  const digest = await sha256([...tickets].sort().join("\n"));
  const ranked = await Promise.all(
    tickets.map(async (ticket) => [await sha256(`${seed}:${digest}:${ticket}`), ticket]),
  );
  ranked.sort(([one], [other]) => (one < other ? -1 : 1));
  return { digest, winners: ranked.slice(0, places).map(([, ticket]) => ticket) };
}

async function check({ seed, commitment, digest, places, ticketsUrl, winners }) {
  const response = await fetch(ticketsUrl);
  if (!response.ok) throw new Error(response.status);
  const tickets = (await response.text()).split("\n").filter(Boolean);
  const again = await decide(seed, tickets, Number(places));
  return {
    commitment: (await sha256(seed)) === commitment,
    list: again.digest === digest,
    winners: again.winners.join(" ") === winners.trim(),
  };
}

const draw = document.querySelector("[data-draw]");
const button = draw?.querySelector("[data-recompute]");
const list = draw?.querySelector("[data-checks]");

function line(text, isGood) {
  const item = document.createElement("li");
  item.textContent = text;
  item.toggleAttribute("data-bad", !isGood);
  return item;
}

button?.addEventListener("click", async () => {
  const { textCommitment, textList, textWinners, textWrong, textFailed } = list.dataset;
  button.disabled = true;
  try {
    const { commitment, list: sameList, winners } = await check(draw.dataset);
    const results = [
      [textCommitment, commitment],
      [textList, sameList],
      [textWinners, winners],
    ];
    list.replaceChildren(...results.map(([text, isGood]) => line(isGood ? text : textWrong, isGood)));
  } catch {
    list.replaceChildren(line(textFailed, false));
  }
  button.disabled = false;
});
