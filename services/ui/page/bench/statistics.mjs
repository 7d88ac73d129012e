// Percentiles, and a table of them.

/**
 * The smallest value that at least this share of all values doesn't exceed.
 * @param {number[]} sorted
 * @param {number} share
 */
export function percentile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

const COLUMNS = /** @type {const} */ ([["p50", 0.5], ["p90", 0.9], ["p99", 0.99], ["max", 1]]);

/**
 * @param {Record<string, number[]>} rows values by name, in milliseconds
 * @returns {string}
 */
export function table(rows) {
  const width = Math.max(...Object.keys(rows).map((name) => name.length));
  const cells = (/** @type {string[]} */ texts) => texts.map((text) => text.padStart(9)).join("");
  const lines = Object.entries(rows).map(([name, values]) => {
    const sorted = values.toSorted((a, b) => a - b);
    return name.padEnd(width) + cells(COLUMNS.map(([, share]) => percentile(sorted, share).toFixed(2)));
  });
  return ["ms".padEnd(width) + cells(COLUMNS.map(([name]) => name)), ...lines].join("\n");
}
