// What the player is made of, the same for everybody: kept by version, so that all of it fits together.

const NAMED_BY_CONTENT = /\.[0-9a-f]{12}\.\w+$/;
const PREFIX = "limber-shell-";

const digest = async (text) => {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes.slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
};

export class Shell {
  constructor(files, page) {
    this.files = files;
    this.page = page;
    this.name = digest(files.join()).then((version) => PREFIX + version);
  }

  has(path) {
    return this.files.includes(path);
  }

  async install() {
    const cache = await caches.open(await this.name);
    await cache.addAll(this.files);
    const answer = await fetch(this.page, { redirect: "manual" });
    if (answer.ok) await this.keepPage(answer);
  }

  async keepPage(answer) {
    await (await caches.open(await this.name)).put(this.page, answer);
  }

  async keptPage() {
    return (await caches.open(await this.name)).match(this.page);
  }

  async dropOthers() {
    const name = await this.name;
    const others = (await caches.keys()).filter((each) => each.startsWith(PREFIX) && each !== name);
    await Promise.all(others.map((each) => caches.delete(each)));
  }

  // A name that tells the content never goes stale; any other is asked for first.
  async answer(request) {
    const cache = await caches.open(await this.name);
    const kept = () => cache.match(request, { ignoreSearch: true });
    if (NAMED_BY_CONTENT.test(new URL(request.url).pathname)) return (await kept()) ?? fetch(request);
    return fetch(request).catch(async () => (await kept()) ?? Response.error());
  }
}
