// The browser's own voice, where it has one for the language of the page.

export const isThere = "speechSynthesis" in globalThis;

export function say(words) {
  if (!isThere || !words) return;
  const speech = new SpeechSynthesisUtterance(words);
  speech.lang = document.documentElement.lang;
  speechSynthesis.cancel();
  speechSynthesis.speak(speech);
}

export const hush = () => isThere && speechSynthesis.cancel();
