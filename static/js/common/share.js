import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-share]");
  if (!button) return;
  const url = location.origin + location.pathname;
  const { textCopied, textCopyFailed } = document.body.dataset;
  try {
    // The device's own sheet where there is one to speak of; elsewhere the address goes to the clipboard.
    if (navigator.share && matchMedia("(pointer: coarse)").matches) {
      await navigator.share({ title: button.dataset.title, url });
    } else {
      await navigator.clipboard.writeText(url);
      toast(textCopied);
    }
  } catch (error) {
    if (error.name !== "AbortError") toast(textCopyFailed);
  }
});
