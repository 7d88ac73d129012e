// Who owns the shop, without a browser: the teaching page's own requests.

const PIN = "161803";

export class Owner {
  #url;
  #cookie;

  /**
   * @param {string} url
   * @param {string} cookie
   */
  constructor(url, cookie) {
    this.#url = url;
    this.#cookie = cookie;
  }

  /**
   * Sets the first PIN of a mirror.
   * @param {import("./system.mjs").System} system
   */
  static async signedIn(system) {
    const answer = await fetch(`${system.url}api/pin`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code: system.setUpCode(), pin: PIN }),
    });
    if (!answer.ok) throw new Error(`the PIN is not taken: ${answer.status}: ${await answer.text()}`);
    return new Owner(system.url, answer.headers.getSetCookie()[0].split(";")[0]);
  }

  /** @param {string} name */
  async deleteLabel(name) {
    const { labels } = await this.#ask("GET", "api/labels");
    const label = labels.find((/** @type {{ name: string }} */ one) => one.name === name);
    await this.#ask("DELETE", `api/labels/${label.id}`);
  }

  /** Teaches until the answer is aborted. */
  async teach() {
    const end = new AbortController();
    const answer = await fetch(`${this.#url}api/teach`, { headers: { cookie: this.#cookie }, signal: end.signal });
    if (!answer.ok) throw new Error(`teaching: ${answer.status}`);
    // Read, and forget.
    void answer.body?.pipeTo(new WritableStream()).catch(() => undefined);
    return end;
  }

  /** Takes the last change back. */
  async undo() {
    await this.#ask("POST", "api/undo");
  }

  /**
   * @param {string} method
   * @param {string} path
   */
  async #ask(method, path) {
    const headers = { cookie: this.#cookie, "content-type": "application/json" };
    const answer = await fetch(this.#url + path, { method, headers });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}
