import { UploadField } from "./field.js";

const fields = new Map();

/** Bring the upload fields under `root` to life; call it again for what is added later. */
export function bindUploads(root) {
  for (const element of root.querySelectorAll("[data-upload-field]")) {
    if (!fields.has(element)) fields.set(element, new UploadField(element));
  }
}

/** The fields still in the page: a product form that was taken out takes its upload along. */
function standing() {
  for (const [element, field] of fields) {
    if (element.isConnected) continue;
    fields.delete(element);
    field.discard();
  }
  return [...fields];
}

/** A form waits for its files: its button says so, and sending it by Enter does nothing but point there. */
function gate(form) {
  const waits = standing().some(([element, field]) => form.contains(element) && !field.settled);
  const reason = form.querySelector("[data-submit-reason]");
  if (reason) reason.hidden = !waits;
  for (const button of form.querySelectorAll("[data-submit]")) button.setAttribute("aria-disabled", String(waits));
  return waits;
}

document.addEventListener("upload:change", ({ target }) => {
  const form = target.closest("form");
  if (form) gate(form);
});

// In the capture phase, before the form is marked as busy.
document.addEventListener(
  "submit",
  (event) => {
    if (!gate(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    event.target.querySelector("[data-submit-reason]")?.focus();
  },
  true,
);

window.addEventListener("beforeunload", (event) => {
  if (standing().some(([, field]) => field.running)) event.preventDefault();
});
