const dialog = document.querySelector("[data-confirm-dialog]");
let waiting = null;

// In the capture phase, so that neither the browser nor htmx sends the form before the answer.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.dataset.ask || !dialog) return;
    if (form.dataset.confirmed) {
      delete form.dataset.confirmed;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = { form, submitter: event.submitter };
    dialog.querySelector("[data-confirm-title]").textContent = form.dataset.ask;
    dialog.querySelector("[data-confirm-text]").textContent = form.dataset.askText ?? "";
    dialog.querySelector("[data-confirm-yes]").textContent = form.dataset.askYes;
    dialog.showModal();
  },
  true,
);

dialog?.addEventListener("click", (event) => {
  const yes = event.target.closest("[data-confirm-yes]");
  const outside = event.target === dialog;
  if (!yes && !outside && !event.target.closest("[data-confirm-no]")) return;
  dialog.close();
  if (yes && waiting?.form.isConnected) {
    waiting.form.dataset.confirmed = "yes";
    waiting.form.requestSubmit(waiting.submitter);
  }
  waiting = null;
});
