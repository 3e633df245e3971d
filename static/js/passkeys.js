// Passkeys: come in with one, make one, show that it is still you. A form says which in data-passkey; it stays hidden
// where the browser knows no passkeys, or where the page is not on the host that they are for.
(() => {
  "use strict";

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const withBytes = (list = []) => list.map((each) => ({ ...each, id: bytes(each.id) }));

  // What the server sends for navigator.credentials, with bytes where it writes base64url.
  const use = ({ publicKey }) =>
    navigator.credentials.get({
      publicKey: {
        ...publicKey,
        challenge: bytes(publicKey.challenge),
        allowCredentials: withBytes(publicKey.allowCredentials),
      },
    });
  const make = ({ publicKey }) =>
    navigator.credentials.create({
      publicKey: {
        ...publicKey,
        challenge: bytes(publicKey.challenge),
        user: { ...publicKey.user, id: bytes(publicKey.user.id) },
        excludeCredentials: withBytes(publicKey.excludeCredentials),
        // Kept by the device, so that it is found without an address being typed.
        authenticatorSelection: {
          ...publicKey.authenticatorSelection,
          residentKey: "required",
          requireResidentKey: true,
        },
      },
    });

  // And back: what the device answers, as the server reads it.
  const PARTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const written = (credential) => {
    const parts = PARTS.filter((part) => credential.response[part]);
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: Object.fromEntries(parts.map((part) => [part, text(credential.response[part])])),
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  };

  const optionsOf = async (form) => {
    const here = form.querySelector("#passkey-options");
    if (here) return JSON.parse(here.textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`The server said ${answer.status}.`);
    return (await answer.json()).request_options;
  };

  const say = (form, name) => {
    const words = [...form.querySelectorAll("[data-problem]")];
    const fitting = words.find((each) => each.dataset.problem === name) ?? words.at(-1);
    for (const each of words) each.hidden = name === undefined || each !== fitting;
  };

  const send = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const button = form.querySelector("button[type=submit]");
    if (button.disabled) return;
    button.disabled = true;
    say(form);
    try {
      const options = await optionsOf(form);
      const credential = await (form.dataset.passkey === "make" ? make(options) : use(options));
      form.elements.credential.value = written(credential);
      form.submit();
    } catch (problem) {
      say(form, problem.name);
      button.disabled = false;
      button.focus();
    }
  };

  const isFor = (host) => location.hostname === host || location.hostname.endsWith(`.${host}`);

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const works = Boolean(window.PublicKeyCredential && navigator.credentials) && isFor(form.dataset.host);
    form.hidden = !works;
    form.addEventListener("submit", send);
    for (const each of document.querySelectorAll("[data-passkey-none]")) each.hidden = works;
  }

  // Back in the browser shows the page as it was left, with the button that was pressed.
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("form[data-passkey] button[type=submit]")) button.disabled = false;
  });
})();
