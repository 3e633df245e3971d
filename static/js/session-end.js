// A minute before a session ends it says so; at the end it leaves the page, so that nobody else reads what is on it.
// Only pressing the button keeps the session: what is asked here on its own is marked as such, and does not count.
const dialog = document.getElementById("session-end");
const WARN_SECONDS = 60;
const KEEP_SECONDS = 5; // so long before the end, what was typed is brought to the server
let endsAt = Date.now() + Number(dialog.dataset.seconds) * 1000;
let timer;

const secondsLeft = () => Math.round((endsAt - Date.now()) / 1000);

// What was typed waits with the server, sealed, for the same person: never in a browser that others use, too.
const typedIn = new Set();
document.addEventListener("input", ({ target }) => target.form && typedIn.add(target.form));

const keep = async (form) => {
  const body = new FormData(form);
  for (const [name, value] of [...body]) if (typeof value !== "string") body.delete(name);
  await fetch(dialog.dataset.keep, { method: "POST", body, headers: { "X-Limber-Background": "1" } });
};

const keepAll = () =>
  Promise.allSettled([...typedIn].filter((form) => form.isConnected && form.method === "post").map(keep));

const leave = () => {
  const here = location.pathname + location.search;
  location.replace(`${dialog.dataset.signIn}?next=${encodeURIComponent(here)}`);
};

// Another tab may have been used meanwhile. Without a connection nothing is known, and nothing is done.
const ask = async () => {
  const answer = await fetch(dialog.dataset.left, {
    headers: { Accept: "application/json", "X-Limber-Background": "1" },
  });
  if (answer.status === 401) return 0;
  if (!answer.ok) throw new Error(`The server said ${answer.status}.`);
  return (await answer.json()).seconds;
};

const askAgain = async () => {
  endsAt = Date.now() + (await ask()) * 1000;
};

let isKept = false;
const look = async () => {
  if (secondsLeft() > WARN_SECONDS) return;
  const isLate = secondsLeft() <= KEEP_SECONDS;
  if (dialog.open && !isLate) return; // it counts down
  // A computer that slept asks too late: what it knows of the session goes with the question, so the words go first.
  if (!dialog.open && isLate && !isKept) await keepAll();
  if (!dialog.open || !isKept) await askAgain();
  if (dialog.open && !isKept && secondsLeft() <= KEEP_SECONDS) await keepAll();
  isKept = secondsLeft() <= KEEP_SECONDS;
};

const tick = async () => {
  clearTimeout(timer);
  try {
    await look();
  } catch {
    timer = setTimeout(tick, 30_000); // no connection
    return;
  }
  const left = secondsLeft();
  if (left < 0) return leave();
  if (left > WARN_SECONDS) {
    if (dialog.open) dialog.close();
    timer = setTimeout(tick, Math.min((left - WARN_SECONDS) * 1000, 2_000_000));
    return;
  }
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[data-count]").textContent = left;
  timer = setTimeout(tick, 1000);
};

const fill = (form, pairs) => {
  const names = new Set(pairs.map(([name]) => name));
  for (const field of form.elements) {
    if (!names.has(field.name) || field.type === "hidden" || field.type === "file") continue;
    const values = pairs.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (field.multiple) for (const option of field.options) option.selected = values.includes(option.value);
    else field.value = values[0];
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
};

const giveBack = async () => {
  const token = stay.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { "X-CSRFToken": token, "X-Limber-Background": "1", Accept: "application/json" };
  const answer = await fetch(dialog.dataset.back, { method: "POST", headers });
  const pairs = answer.ok ? (await answer.json()).typed : [];
  if (!pairs.length) return;
  const fits = (form) => pairs.filter(([name]) => form.elements.namedItem(name)?.type !== "hidden" && form.elements.namedItem(name)).length;
  const form = [...document.querySelectorAll("main form")].sort((one, other) => fits(other) - fits(one))[0];
  if (!form || !fits(form)) return;
  for (let around = form.parentElement; around; around = around.parentElement) if (around.matches("details")) around.open = true;
  fill(form, pairs);
  const words = document.createElement("p");
  words.className = "alert alert-info";
  words.tabIndex = -1;
  words.setAttribute("role", "status");
  words.textContent = dialog.dataset.givenBack;
  form.prepend(words);
  words.focus();
};

const stay = dialog.querySelector("form");
stay.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch(stay.action, { method: "POST", body: new FormData(stay), redirect: "manual" });
  if (!answer.ok) return leave();
  endsAt = Date.now() + (await answer.json()).seconds * 1000;
  dialog.close();
  tick();
});
dialog.addEventListener("cancel", (event) => event.preventDefault()); // Escape does not say that somebody stays
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && tick());
if (document.cookie.includes("limber_draft=")) giveBack();
tick();
