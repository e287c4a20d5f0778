import { forget, possible } from "./push_browser.js";

const LONGEST_MS = 2000;

// Who signs out gets no more notices here. Only a member may tell the site so: the form waits for it, but not for long.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!possible || !form.matches("[data-sign-out]") || event.defaultPrevented) return;
  event.preventDefault();
  const late = new Promise((resolve) => setTimeout(resolve, LONGEST_MS));
  await Promise.race([forget(form.dataset.unsubscribeUrl), late]).catch(() => {});
  form.submit();
});
