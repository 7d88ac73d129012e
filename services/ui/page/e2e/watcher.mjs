// Writes down, inside the page, what the camera sees and what the page shows: both by the page's own clock.

import { sceneCount } from "./catalogue.mjs";
import { eventually } from "./eventually.mjs";

/** @typedef {{ at: number, number: number, slug: string }} Frame */
/** @typedef {{ at: number, state: string, label: string }} Change */
/** @typedef {{ frames: Frame[], changes: Change[], pings: number[] }} Record */

/** Runs in the page, so it can use nothing from out here. */
function install() {
  /** @type {Record} */
  const record = { frames: [], changes: [], pings: [] };
  const note = () => {
    const mirror = /** @type {HTMLElement} */ (document.querySelector("#mirror"));
    const { state = "", label = "" } = mirror.dataset;
    const last = record.changes.at(-1);
    if (state !== last?.state || label !== last?.label) record.changes.push({ at: performance.now(), state, label });
  };
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
  note();
  const stream = new EventSource("/recognitions");
  stream.addEventListener("recognition", ({ data }) => {
    // The replay's file names tell the truth: NNNN_slug.jpg.
    const found = /(\d+)_([^/]+)\.jpg$/.exec(JSON.parse(data).source);
    if (found) record.frames.push({ at: performance.now(), number: Number(found[1]), slug: String(found[2]) });
  });
  stream.addEventListener("ping", () => record.pings.push(performance.now()));
  Object.assign(window, { watched: record });
}

export class Watcher {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
  }

  /** @param {import("playwright-core").Page} page */
  static async start(page) {
    await page.evaluate(install);
    return new Watcher(page);
  }

  /** @returns {Promise<Record>} */
  record() {
    return this.page.evaluate(() => /** @type {any} */ (window).watched);
  }

  /** The page's clock. */
  now() {
    return this.page.evaluate(() => performance.now());
  }

  /**
   * Waits until the camera has gone on by a number of scenes.
   * @param {number} count
   * @param {number} within milliseconds
   */
  async played(count, within) {
    const steps = () =>
      this.page.evaluate((total) => {
        /** @type {Frame[]} */
        const frames = /** @type {any} */ (window).watched.frames;
        // Frames may be left out, so that steps are counted, not frames.
        return frames.reduce((sum, frame, i) => {
          const before = frames[i - 1]?.number ?? frame.number;
          return sum + ((frame.number - before + total) % total);
        }, 0);
      }, sceneCount);
    await eventually(`the camera has played ${count} scenes`, async () => (await steps()) >= count, within);
  }

  /**
   * A while, by the server's own heartbeat.
   * @param {number} count
   * @param {number} within milliseconds
   */
  async pings(count, within) {
    const from = await this.now();
    const heard = async () => (await this.record()).pings.filter((at) => at > from).length;
    await eventually(`${count} pings`, async () => (await heard()) >= count, within);
  }
}
