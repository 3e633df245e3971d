// Asks the browser for a push subscription when the patient presses the button, and sends it with the form around it.
// Without this, or where the browser cannot, the page says so and mail and calendar do the same.
function bytesOf(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

async function offer(form) {
  const registration = await navigator.serviceWorker.getRegistration();
  if (!registration?.pushManager) return;
  const button = form.querySelector("button");
  const denied = form.querySelector("[data-push-denied]");
  form.querySelector("[data-push-unable]").hidden = true;
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const key = bytesOf(form.dataset.pushKey);
      const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      const { endpoint, keys } = subscription.toJSON();
      form.elements.endpoint.value = endpoint;
      form.elements.p256dh.value = keys.p256dh;
      form.elements.auth.value = keys.auth;
      form.submit();
    } catch {
      denied.hidden = false;
      button.disabled = false;
    }
  });
}

for (const form of document.querySelectorAll("[data-push-key]")) {
  if ("serviceWorker" in navigator && "PushManager" in window) offer(form);
}
