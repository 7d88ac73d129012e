// What holds for each page, whatever it shows: nothing is cut off, all of it can be used without seeing it, it says no
// error, and it asks nobody but the mirror. A picture of it for people to judge.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { inaccessible } from "./accessible.mjs";
import { screenshots } from "./places.mjs";

/** Of pages that people hold in their hands or have on a desk. */
export const HANDHELD = [
  { width: 390, height: 844 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
];

/**
 * @param {import("./browser.mjs").Visit} visit
 * @param {string} name of the picture, in the cache's e2e-screenshots
 * @param {{ scrolls?: boolean }} options whether the page may be longer than the window
 */
export async function judgePage(visit, name, { scrolls = true } = {}) {
  const { page } = visit;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: scrolls });
  const over = await page.evaluate((upright) => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return { sideways: scrollWidth > innerWidth, down: !upright && scrollHeight > innerHeight };
  }, scrolls);
  assert.deepEqual(over, { sideways: false, down: false }, `${name} scrolls`);
  assert.deepEqual(await inaccessible(page), [], name);
}

/**
 * @param {import("./browser.mjs").Visit} visit
 * @param {string} url of the mirror
 * @param {RegExp[]} expected what the browser may note
 */
export function assertClean(visit, url, expected = []) {
  assert.deepEqual(visit.errors, []);
  assert.deepEqual(visit.complaints.filter((text) => !expected.some((pattern) => pattern.test(text))), []);
  assert.deepEqual([...visit.hosts], [new URL(url).host]);
}
