// Reminders: {title, body, url} becomes a notification; a tap opens its page.

const ownAddress = (url) => {
  const address = new URL(url ?? "/", location.origin);
  return address.origin === location.origin ? address.href : location.origin;
};

function read(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

async function open(url) {
  const windows = await clients.matchAll({ type: "window" });
  const shown = windows.find((each) => each.url === url);
  await (shown ? shown.focus() : clients.openWindow(url));
}

export function prepare(icons) {
  addEventListener("push", (event) => {
    const { title, body, url } = read(event.data);
    if (!title) return;
    event.waitUntil(registration.showNotification(title, { body, tag: url, data: { url: ownAddress(url) }, ...icons }));
  });
  addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(open(event.notification.data.url));
  });
}
