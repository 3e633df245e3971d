// The words of the page, in its language: the server writes them into the page, nothing here knows a language.

const block = document.getElementById("player-words");
const words = block ? JSON.parse(block.textContent) : {};
const plural = new Intl.PluralRules(document.documentElement.lang || undefined);

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

export const say = (name, values = {}) => filled(words[name] ?? "", values);

// Of "minutes_one" and "minutes_other", the one that the number asks for.
export const count = (name, number) => say(`${name}_${plural.select(number)}`, { number }) || say(`${name}_other`, { number });

export const oneOf = (group, name) => words[group]?.[name] ?? "";
