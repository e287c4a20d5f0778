import { toast } from "../common/toast.js";

const texts = document.body.dataset;
const polls = (element) => element.getAttribute?.("hx-trigger")?.includes("every");

document.addEventListener("htmx:before:response", (event) => {
  const { raw } = event.detail.ctx.response;
  // Signed out meanwhile: the sign-in page belongs in the window, not into a corner of the page.
  if (raw.redirected && new URL(raw.url).pathname === texts.loginPath) {
    event.preventDefault();
    location.reload();
  }
});

document.addEventListener("htmx:response:error", (event) => {
  const { response, sourceElement } = event.detail.ctx;
  if (polls(sourceElement)) return;
  if (response.status === 401) toast(texts.textSignedOut);
  else if (response.status === 429) toast(texts.textSlow);
  else if ([403, 404].includes(response.status) || response.status >= 500) toast(texts.textFailed);
});

document.addEventListener("htmx:error", (event) => {
  const source = event.detail.ctx?.sourceElement;
  if (source && !polls(source)) toast(texts.textFailed);
});
