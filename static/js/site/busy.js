// A second click must not send a form twice. The button is marked, not disabled: a disabled button's value
// would be left out of the form.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-busy-form]")) return;
  if (form.dataset.busy) {
    event.preventDefault();
    return;
  }
  if (event.defaultPrevented) return;
  form.dataset.busy = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

function release(form) {
  delete form.dataset.busy;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

// A page that comes back from the browser's memory comes back busy.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-busy]")) release(form);
});

document.addEventListener("htmx:before:request", (event) => {
  const { request } = event.detail.ctx;
  request.submitter?.setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:finally:request", (event) => {
  const { form } = event.detail.ctx.request;
  if (form) release(form);
});
