// A picture that is not there leaves the drawn background instead of the browser's broken-image mark.
const SELECTOR = "img[data-picture], img[data-live-picture]";

document.addEventListener(
  "error",
  (event) => {
    if (event.target.matches?.(SELECTOR)) event.target.dataset.broken = "";
  },
  true,
);

document.addEventListener(
  "load",
  (event) => {
    if (event.target.matches?.(SELECTOR)) delete event.target.dataset.broken;
  },
  true,
);

for (const image of document.querySelectorAll(SELECTOR)) {
  if (image.complete && !image.naturalWidth) image.dataset.broken = "";
}
