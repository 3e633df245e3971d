// The picture of a stretch: dark on a dark ground, still for whoever prefers it.

const dark = matchMedia("(prefers-color-scheme: dark)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function addressOf(stretch, { still }) {
  const address = new URL(still || calm.matches ? stretch.picture_still : stretch.picture, location.origin);
  address.searchParams.set("theme", dark.matches ? "dark" : "light");
  return address.pathname + address.search;
}

// Fetched ahead, so that the service worker has them when the connection is gone.
export function fetchAll(stretches, settings) {
  const addresses = new Set(stretches.map((stretch) => addressOf(stretch, settings)));
  return Promise.allSettled([...addresses].map((address) => fetch(address)));
}

// Photo and video, where a stretch has them: the one is fetched when it is asked for and kept by the browser, not by the
// service worker; the other is a link.
export function showMore(root, { photo, video }) {
  if (video) root.querySelector("[data-video]").href = video.address;
  if (!photo) return;
  const image = root.querySelector("[data-photo]");
  image.addEventListener("error", () => {
    image.hidden = true;
    root.querySelector("[data-photo-missing]").hidden = false;
  });
  image.alt = photo.alt;
  image.src = photo.address;
}
