// A taught mirror and a browser for the tests of one file.

import { after, before, test } from "node:test";
import { Kiosk, launchBrowser, Visit } from "./browser.mjs";
import { System } from "./system.mjs";

export class Fixture {
  /** @type {System | undefined} */
  #system;
  /** @type {import("playwright-core").Browser | undefined} */
  #browser;
  /** @type {Visit[]} */
  #open = [];
  #webgl;

  /**
   * Started before the first test of the file, ended after its last.
   * @param {{ taught: boolean, webgl?: boolean }} options
   */
  constructor({ taught, webgl = false }) {
    this.#webgl = webgl;
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

  /** The kiosk page in a window of its own. */
  async open(search = "") {
    const kiosk = await Kiosk.open(await this.#launched(), this.system.url + search);
    this.#open.push(kiosk);
    return kiosk;
  }

  /**
   * Another page in a window of its own.
   * @param {string} path
   * @param {import("playwright-core").BrowserContextOptions} options
   */
  async visit(path, options = {}) {
    const visit = await Visit.open(await this.#launched(), this.system.url + path, options);
    this.#open.push(visit);
    return visit;
  }

  async #launched() {
    this.#browser ??= await launchBrowser({ webgl: this.#webgl });
    return this.#browser;
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
        await Promise.all(this.#open.splice(0).map((visit) => visit.context.close()));
      }
    });
  }
}
