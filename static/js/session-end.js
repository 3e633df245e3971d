// A minute before a session ends it says so; at the end it leaves the page, so that nobody else reads what is on it.
// Only pressing the button keeps the session: what is asked here on its own is marked as such, and does not count.
const dialog = document.getElementById("session-end");
const WARN_SECONDS = 60;
let endsAt = Date.now() + Number(dialog.dataset.seconds) * 1000;
let timer;

const secondsLeft = () => Math.round((endsAt - Date.now()) / 1000);

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

const tick = async () => {
  clearTimeout(timer);
  if (secondsLeft() <= WARN_SECONDS && !dialog.open) {
    try {
      endsAt = Date.now() + (await ask()) * 1000;
    } catch {
      timer = setTimeout(tick, 30_000);
      return;
    }
  }
  const left = secondsLeft();
  if (left <= 0) return leave();
  if (left > WARN_SECONDS) {
    if (dialog.open) dialog.close();
    timer = setTimeout(tick, Math.min((left - WARN_SECONDS) * 1000, 2_000_000));
    return;
  }
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[data-count]").textContent = left;
  timer = setTimeout(tick, 1000);
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
tick();
