// The service worker for notices: shows what the site sends, opens the page it is about.
self.addEventListener("push", (event) => {
  const { title, body, url, tag } = event.data?.json() ?? {};
  if (!title) return;
  // A notice that takes the place of an older one is heard again; without a tag, browsers refuse to be asked so.
  const renotify = Boolean(tag);
  event.waitUntil(self.registration.showNotification(title, { body, tag, renotify, lang: "ko", data: { url } }));
});

async function open(address) {
  const url = new URL(address ?? "/", self.location.origin);
  if (url.origin !== self.location.origin) return;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = windows.find((client) => new URL(client.url).pathname === url.pathname);
  if (shown) await shown.focus();
  else await self.clients.openWindow(url.href);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url));
});
