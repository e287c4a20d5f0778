/** The token that htmx sends as well; it stands on the body. */
export function csrfToken() {
  return JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];
}
