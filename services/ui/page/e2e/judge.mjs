// Compares what the page showed with what the camera saw.

/** A product that left the camera's view this short a time ago may still be on the screen. */
export const MAY_LINGER_MS = 1_500;

/**
 * @param {import("./watcher.mjs").Record} record
 * @param {{ slug: string, name: string }[]} products
 */
export function judge({ frames, changes }, products) {
  const slugOf = new Map(products.map(({ slug, name }) => [name, slug]));
  /** How long ago, at `at`, the product was last in view. */
  const age = (/** @type {string} */ label, /** @type {number} */ at) => {
    const slug = slugOf.get(label);
    const seen = frames.findLast((frame) => frame.slug === slug && frame.at <= at);
    return seen ? at - seen.at : Infinity;
  };

  /** @type {Record<string, number>} */
  const shown = Object.fromEntries(products.map(({ name }) => [name, 0]));
  /** With what tells how it came about. @type {{ label: string, at: number, inView: string | undefined }[]} */
  const wrong = [];
  /** @type {string[]} */
  const withoutIdle = [];
  let longest = 0;
  let idleSince = true;
  for (const [i, { at, state, label }] of changes.entries()) {
    const before = changes[i - 1]?.label ?? "";
    if (before) longest = Math.max(longest, age(before, at));
    if (state === "idle") idleSince = true;
    if (!label || label === before) continue;
    shown[label] = (shown[label] ?? 0) + 1;
    if (!idleSince) withoutIdle.push(label);
    idleSince = false;
    if (age(label, at) > MAY_LINGER_MS) {
      wrong.push({ label, at, inView: frames.findLast((frame) => frame.at <= at)?.slug });
    }
  }
  return { shown, wrong, withoutIdle, longest };
}
