// One screen at a time: a template of the page, filled, in place of the one before.
//
// Slots: data-slot="name" gets a text, data-list="name" its children (texts in lists, nodes elsewhere), data-if="name"
// is there only if the value is something.

const place = document.getElementById("screen");
let leave = () => {};

export function filled(name, values = {}) {
  const root = document.getElementById(`screen-${name}`).content.cloneNode(true);
  fill(root, values);
  return root;
}

export function fill(root, values) {
  for (const element of root.querySelectorAll("[data-if]")) {
    const value = values[element.dataset.if];
    if (!value || value.length === 0) element.remove();
  }
  for (const element of root.querySelectorAll("[data-slot]")) {
    if (element.dataset.slot in values) element.textContent = values[element.dataset.slot];
  }
  for (const element of root.querySelectorAll("[data-list]")) {
    const listed = values[element.dataset.list];
    if (listed) element.replaceChildren(...listed.map((each) => asChild(each, element)));
  }
}

function asChild(value, list) {
  if (value instanceof Node) return value;
  const child = document.createElement(["OL", "UL"].includes(list.tagName) ? "li" : "p");
  child.dir = "auto";
  child.textContent = value;
  return child;
}

// `onLeave` is called when another screen comes. The heading gets the focus: a screen reader starts there.
export function show(name, values = {}, onLeave = () => {}) {
  leave();
  leave = onLeave;
  document.body.dataset.screen = name;
  place.replaceChildren(filled(name, values));
  scrollTo(0, 0);
  place.querySelector("h1[tabindex]")?.focus({ preventScroll: true });
  return place;
}

export const on = (root, what, act) => root.querySelector(`[data-do="${what}"]`)?.addEventListener("click", act);

// The icon of a button: the same sprite, another figure.
export function setIcon(button, name) {
  const use = button.querySelector("use");
  use?.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${name}`));
}
