const NEWS = {
  "chat.rules": "chat:rules",
  "chat.hidden": "chat:hidden",
  "chat.shown": "chat:hidden",
  "chat.member_restricted": "chat:restricted",
};
const PAUSE_MS = 300;

/**
 * The moderation part of the control room: it is fetched anew when somebody else changed something, but not under
 * somebody's hands; a canned reply goes into the composer.
 */
export function followModeration(page, room) {
  for (const [type, name] of Object.entries(NEWS)) {
    room.addEventListener(type, () => {
      const typing = document.activeElement?.closest?.(".moderation-entry");
      if (!typing) setTimeout(() => document.body.dispatchEvent(new CustomEvent(name)), PAUSE_MS);
    });
  }
  page.addEventListener("click", (event) => {
    const reply = event.target.closest("[data-canned-reply]");
    const input = page.querySelector("[data-composer]")?.elements.text;
    if (!reply || !input) return;
    input.value = reply.textContent;
    input.focus();
  });
}
