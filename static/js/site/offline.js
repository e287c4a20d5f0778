const banner = document.querySelector("[data-offline]");

function show() {
  banner.hidden = navigator.onLine;
}

window.addEventListener("online", show);
window.addEventListener("offline", show);
show();
