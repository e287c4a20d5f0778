// iOS lays its keyboard over the page: lift what must stay above it by as much as is covered.
const viewport = window.visualViewport;

function fit() {
  const covered = Math.max(0, window.innerHeight - viewport.height - viewport.offsetTop);
  document.documentElement.style.setProperty("--keyboard", `${Math.round(covered)}px`);
}

viewport?.addEventListener("resize", fit);
viewport?.addEventListener("scroll", fit);
