import "../site/site.js";
import { bindUploads } from "../upload/fields.js";

const NUMBERED = ["name", "id", "for", "aria-describedby", "aria-labelledby"];
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
    for (const element of form.querySelectorAll(NUMBERED.map((name) => `[${name}]`).join())) {
      for (const name of NUMBERED) {
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
  bindUploads(list);
  list.lastElementChild.querySelector("input[type='text']")?.focus();
});

section.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove-product]");
  if (!button) return;
  button.closest("[data-product-form]").remove();
  renumber();
  // The form may have waited for the picture of the product that is gone.
  section.dispatchEvent(new Event("upload:change", { bubbles: true }));
  add.focus();
});

renumber();
bindUploads(list);
