// A taught mirror and a browser for the tests of one file.

import { after, before, test } from "node:test";
import { Kiosk, launchBrowser } from "./browser.mjs";
import { System } from "./system.mjs";

export class Fixture {
  /** @type {System | undefined} */
  #system;
  /** @type {import("playwright-core").Browser | undefined} */
  #browser;
  /** @type {Kiosk[]} */
  #open = [];

  /**
   * Started before the first test of the file, ended after its last.
   * @param {{ taught: boolean }} options
   */
  constructor({ taught }) {
    before(
      async () => {
        this.#system = await System.start();
        if (taught) await this.#system.teach();
      },
      { timeout: 300_000 },
    );
    after(
      async () => {
        try {
          await this.#browser?.close();
        } finally {
          await this.#system?.close();
        }
      },
      { timeout: 60_000 },
    );
  }

  get system() {
    if (!this.#system) throw new Error("the system is not running");
    return this.#system;
  }

  /** The page in a window of its own. */
  async open(search = "") {
    this.#browser ??= await launchBrowser();
    const kiosk = await Kiosk.open(this.#browser, this.system.url + search);
    this.#open.push(kiosk);
    return kiosk;
  }

  /**
   * A test that finds all services running, and prints their last words when it fails.
   * @param {string} name
   * @param {number} timeout milliseconds
   * @param {() => Promise<void>} body
   */
  test(name, timeout, body) {
    test(name, { timeout }, async () => {
      try {
        await this.system.repair();
        await body();
      } catch (error) {
        this.system.printLogs();
        throw error;
      } finally {
        await Promise.all(this.#open.splice(0).map((kiosk) => kiosk.context.close()));
      }
    });
  }
}
