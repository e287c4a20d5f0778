const KEY = "control-tab";
const NEWS = { message: "chat", "chat.question": "questions", "support.received": "questions" };

/** On a phone the control room shows one of its parts; a dot says where something new is. */
export function connectTabs(tabs, page, room) {
  const buttons = [...tabs.querySelectorAll("[data-tab]")];
  const show = (name) => {
    page.dataset.tab = name;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.tab === name));
      if (button.dataset.tab === name) delete button.dataset.news;
    }
  };
  tabs.addEventListener("click", ({ target }) => {
    const name = target.closest("[data-tab]")?.dataset.tab;
    if (!name) return;
    show(name);
    try {
      sessionStorage.setItem(KEY, name);
    } catch {
      // It then begins with the picture again.
    }
  });
  const over = page.dataset.status === "ended"; // what counts then is how it went
  show(over ? "numbers" : (buttons.find(({ dataset }) => dataset.tab === kept())?.dataset.tab ?? "picture"));

  let joined = false; // what was said before is no news
  room.addEventListener("connection", ({ detail }) => {
    joined = detail.state === "open";
  });
  for (const [event, name] of Object.entries(NEWS)) {
    room.addEventListener(event, () => {
      if (joined && page.dataset.tab !== name) buttons.find(({ dataset }) => dataset.tab === name).dataset.news = "";
    });
  }
}

function kept() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
