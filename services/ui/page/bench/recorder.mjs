// Takes the time, inside a browser's page, from a frame's capture to its verdict's arrival.

import { eventually } from "../e2e/eventually.mjs";

/**
 * A verdict as it arrived; milliseconds.
 * @typedef {object} Arrival
 * @property {number} frameId
 * @property {number} at on the page's clock
 * @property {number} whole capture to arrival
 * @property {number} decode
 * @property {number} wait
 * @property {number} resize
 * @property {number} embed
 * @property {number} classify
 */

/** Runs in the page, so it can use nothing from out here. */
function listen() {
  /** @type {Arrival[]} */
  const arrivals = [];
  // Date.parse drops what is finer than a millisecond. A double holds today's time to a quarter of a microsecond.
  const milliseconds = (/** @type {string} */ time) => {
    const [, second, fraction = ""] = /^([^.Z]+)(\.\d+)?Z$/.exec(time) ?? [];
    return Date.parse(`${second}Z`) + Number(`0${fraction}`) * 1000;
  };
  const stream = new EventSource("/recognitions");
  stream.addEventListener("recognition", ({ data }) => {
    // Before parsing: the arrival is what counts.
    const at = performance.now();
    const { frame_id: frameId, captured_at: captured, timings, classify_us: classify } = JSON.parse(data);
    arrivals.push({
      frameId,
      at,
      whole: performance.timeOrigin + at - milliseconds(captured),
      decode: timings.decode_us / 1000,
      wait: timings.wait_us / 1000,
      resize: timings.resize_us / 1000,
      embed: timings.embed_us / 1000,
      classify: classify / 1000,
    });
  });
  Object.assign(window, { arrivals });
}

/**
 * @param {import("playwright-core").Page} page any page of the mirror's own origin
 * @param {number} warmUp frames that don't count
 * @param {number} count frames that do
 * @returns {Promise<Arrival[]>}
 */
export async function recordArrivals(page, warmUp, count) {
  await page.evaluate(listen);
  const arrivals = () => page.evaluate(() => /** @type {any} */ (window).arrivals);
  // The slowest replay brings a frame every two seconds.
  const within = 30_000 + (warmUp + count) * 2_000;
  const all = await eventually(
    `${warmUp + count} verdicts`,
    async () => {
      const enough = await page.evaluate((wanted) => /** @type {any} */ (window).arrivals.length >= wanted, warmUp + count);
      return enough && arrivals();
    },
    within,
  );
  return all.slice(warmUp, warmUp + count);
}
