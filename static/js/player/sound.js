// Short tones. A browser lets a page sound only after somebody has touched it: `wake` is called from the Start button.

let context = null;

export function wake() {
  const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
  if (!context && Context) context = new Context();
  context?.resume?.().catch(() => {});
}

const TONES = {
  count: [[660, 0.09]],
  begin: [[880, 0.25]],
  end: [[880, 0.14], [660, 0.22]],
  done: [[660, 0.14], [880, 0.14], [1100, 0.3]],
};

export function play(name) {
  if (context?.state !== "running") return;
  let at = context.currentTime;
  for (const [hertz, seconds] of TONES[name]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + seconds);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.04;
  }
}
