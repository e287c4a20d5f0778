const SHOWN_MS = 3500;

/** Say something in passing, above everything else, dialogs included. */
export function toast(text) {
  const region = document.querySelector("[data-toasts]");
  if (!region || !text) return;
  const item = document.createElement("p");
  item.className = "toast";
  item.textContent = text;
  region.replaceChildren(item);
  // Shown anew each time: the top layer is ordered by when its elements entered it.
  if (region.matches(":popover-open")) region.hidePopover();
  region.showPopover?.();
  setTimeout(() => {
    item.remove();
    if (!region.children.length && region.matches(":popover-open")) region.hidePopover();
  }, SHOWN_MS);
}
