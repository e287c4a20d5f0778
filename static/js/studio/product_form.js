import "../site/site.js";
import { bindUploads } from "../upload/fields.js";

const pictures = document.querySelector("[data-pictures]");
const list = pictures.querySelector("[data-picture-list]");
const template = pictures.querySelector("[data-picture-template]");
const upload = pictures.querySelector("[data-picture-upload]");
const most = Number(pictures.dataset.most);

function count() {
  upload.hidden = list.children.length >= most;
  for (const button of list.querySelectorAll("[data-move]")) {
    const slot = button.closest("[data-picture]");
    button.disabled = !(button.dataset.move < 0 ? slot.previousElementSibling : slot.nextElementSibling);
  }
}

/** One field takes all uploads: what has arrived moves into the list, and the field is free again. */
upload.addEventListener("upload:change", () => {
  if (upload.dataset.state !== "ready") return;
  const code = upload.querySelector("input[type='hidden']").value;
  const url = upload.querySelector("[data-upload-picture]").src;
  const slot = template.content.cloneNode(true);
  slot.querySelector("input").value = code;
  slot.querySelector("img").src = url;
  list.append(slot);
  upload.querySelector("[data-upload-action='remove']").click();
  count();
});

list.addEventListener("click", (event) => {
  const slot = event.target.closest("[data-picture]");
  const move = event.target.closest("[data-move]");
  if (event.target.closest("[data-take-out]")) {
    slot.remove();
    upload.querySelector("[data-upload-file]").focus();
  } else if (move) {
    if (move.dataset.move < 0) slot.previousElementSibling?.before(slot);
    else slot.nextElementSibling?.after(slot);
    move.focus();
  } else return;
  count();
});

bindUploads(pictures);
count();
