const EVERY_MS = 10_000;
const inView = new Set();

/** Load the next still beside the shown one and change them when it is there, so that nothing flickers. */
function renew(image) {
  const next = new Image();
  next.addEventListener("load", () => {
    image.src = next.src;
  });
  const url = new URL(image.dataset.livePicture, location.href);
  url.searchParams.set("t", Math.floor(Date.now() / EVERY_MS));
  next.src = url.href;
}

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) inView.add(target);
    else inView.delete(target);
  }
});
for (const image of document.querySelectorAll("img[data-live-picture]")) observer.observe(image);

setInterval(() => {
  if (!document.hidden) inView.forEach(renew);
}, EVERY_MS);
