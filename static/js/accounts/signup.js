import "../site/site.js";

const consents = document.querySelector("[data-consents]");
const all = consents.querySelector("[data-agree-all]");
const each = [...consents.querySelectorAll("input[type='checkbox']")].filter((box) => box !== all);

const show = () => {
  all.checked = each.every((box) => box.checked);
};

consents.addEventListener("change", (event) => {
  if (event.target === all) for (const box of each) box.checked = all.checked;
  else show();
});
show();
