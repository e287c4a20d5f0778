export function focusFirstError(root) {
  const first = root.querySelector("[data-first-error], [aria-invalid='true']");
  first?.focus();
  return Boolean(first);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show-password]");
  if (!button) return;
  const input = button.parentElement.querySelector("input");
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
});

focusFirstError(document);
