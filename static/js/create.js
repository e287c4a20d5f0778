import "./site.js";

const section = document.querySelector("[data-product-forms]");
const list = section.querySelector("[data-product-list]");
const template = section.querySelector("[data-product-template]");
const add = section.querySelector("[data-add-product]");
const count = (name) => section.querySelector(`[name="${section.dataset.prefix}-${name}"]`);
const total = count("TOTAL_FORMS");
const most = Number(count("MAX_NUM_FORMS").value);

function renumber() {
  const forms = [...list.children];
  forms.forEach((form, index) => {
    for (const element of form.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
      for (const name of ["name", "id", "for", "aria-describedby"]) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.replace(/-(\d+|__prefix__)-/g, `-${index}-`));
      }
    }
  });
  total.value = forms.length;
  add.hidden = forms.length >= most;
}

add.addEventListener("click", () => {
  list.append(template.content.cloneNode(true));
  renumber();
  list.lastElementChild.querySelector("input[type='text']")?.focus();
});

section.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove-product]");
  if (!button) return;
  button.closest("[data-product-form]").remove();
  renumber();
  add.focus();
});

section.addEventListener("change", (event) => {
  const field = event.target.closest("[data-image-field]");
  if (!field) return;
  const image = field.querySelector("[data-image-preview]");
  URL.revokeObjectURL(image.src);
  const [file] = event.target.files;
  image.hidden = !file;
  if (file) image.src = URL.createObjectURL(file);
});

renumber();
