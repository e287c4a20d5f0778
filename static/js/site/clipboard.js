import { csrfToken } from "../common/csrf.js";
import { toast } from "../common/toast.js";

async function fetchSecret(url) {
  const response = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrfToken() } });
  if (!response.ok) throw new Error(`the key was refused: ${response.status}`);
  return (await response.json()).stream_key;
}

/** Safari wants the promise itself inside the click; a text fetched first comes too late for it. */
async function write(text) {
  if (window.ClipboardItem) {
    const blob = text.then((value) => new Blob([value], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  } else {
    await navigator.clipboard.writeText(await text);
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-secret]");
  if (!button) return;
  const { copy, copySecret } = button.dataset;
  const texts = document.body.dataset;
  try {
    await write(copySecret ? fetchSecret(copySecret) : Promise.resolve(document.querySelector(copy).textContent.trim()));
    toast(texts.textCopied);
  } catch {
    toast(texts.textCopyFailed);
  }
});
