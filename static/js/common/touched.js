/** Whether somebody has typed something into a part of the page, or is about to, that a new copy would lose. */
export function isTouched(part) {
  const fields = [...part.querySelectorAll("input:not([type=hidden]), textarea")];
  return fields.some((field) => field.value !== field.defaultValue || field === document.activeElement);
}
