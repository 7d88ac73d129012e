// Memory of services and pages over a while, and whether it grows.

import { readFileSync } from "node:fs";

/** In MB (10^6 bytes) or, of nodes and listeners, a count. @typedef {Record<string, number>} Sample */

const SERVICES = /** @type {const} */ (["inference", "recommender", "ui"]);

/** Resident memory in MB, as the kernel counts it; 0 of one that has ended. @param {number} pid */
function resident(pid) {
  try {
    const found = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return (Number(found?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

/**
 * What is used now, garbage collected.
 * @param {import("./system.mjs").System} system
 * @param {import("playwright-core").Browser} browser
 * @param {Record<string, import("./browser.mjs").Visit>} visits
 */
export async function measure(system, browser, visits) {
  /** @type {Sample} */
  const sample = {};
  for (const name of SERVICES) sample[`${name}, MB`] = resident(system.service(name).pid);
  for (const [name, visit] of Object.entries(visits)) {
    const session = await visit.context.newCDPSession(visit.page);
    await session.send("HeapProfiler.collectGarbage");
    await session.send("Performance.enable");
    const { metrics } = await session.send("Performance.getMetrics");
    const metric = (/** @type {string} */ key) => metrics.find((one) => one.name === key)?.value ?? 0;
    sample[`page ${name}: heap, MB`] = metric("JSHeapUsedSize") / 1e6;
    sample[`page ${name}: nodes`] = metric("Nodes");
    sample[`page ${name}: listeners`] = metric("JSEventListeners");
    await session.detach();
  }
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  sample["browser, all processes, MB"] = processInfo.reduce((sum, { id }) => sum + resident(id), 0);
  await session.detach();
  return sample;
}

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * For each figure the median of the first and of the last fifth, after a fifth in which all warms up.
 * @param {Sample[]} samples
 */
export function growth(samples) {
  const settled = samples.slice(Math.floor(samples.length / 5));
  const part = Math.max(1, Math.floor(settled.length / 5));
  return Object.keys(samples[0]).map((name) => {
    const values = settled.map((sample) => sample[name]);
    const [from, to] = [median(values.slice(0, part)), median(values.slice(-part))];
    return { name, from, to, most: Math.max(...values) };
  });
}
