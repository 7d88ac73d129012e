// Waiting for a condition, with a deadline.

const EVERY_MS = 50;

/**
 * The first truthy answer of `probe`. A probe that throws is asked again: pages navigate and services start
 * while they are being asked.
 * @template T
 * @param {string} what what is waited for, for the error
 * @param {() => T | Promise<T>} probe
 * @param {number} within milliseconds
 * @returns {Promise<NonNullable<T>>}
 */
export async function eventually(what, probe, within) {
  const deadline = performance.now() + within;
  /** @type {unknown} */
  let last;
  do {
    try {
      const answer = await probe();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      if (error instanceof GiveUp) throw error;
      last = error;
    }
    await new Promise((again) => setTimeout(again, EVERY_MS));
  } while (performance.now() < deadline);
  throw new Error(`not within ${within / 1000} s: ${what}`, { cause: last });
}

/** Thrown by a probe that knows that waiting longer is of no use. */
export class GiveUp extends Error {}
