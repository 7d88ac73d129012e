// Pictures of the page for people to judge, on the screens mirrors have; and what a program can judge of them.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { inaccessible } from "./accessible.mjs";
import { GLASSES, PORTRAIT } from "./browser.mjs";
import { eventually } from "./eventually.mjs";
import { screenshots } from "./places.mjs";

/** Once round all scenes, on a slow machine. */
const COMES_WITHIN = 120_000;

/**
 * One picture of a phase for each glass, in the cache's e2e-screenshots.
 * @param {import("./browser.mjs").Kiosk} kiosk
 * @param {string} phase the picture's name
 * @param {(look: import("./browser.mjs").Look) => boolean} isThere
 * @returns {Promise<string[]>} what doesn't fit, or can't be used without seeing it
 */
export async function photograph(kiosk, phase, isThere) {
  mkdirSync(screenshots, { recursive: true });
  const faults = [];
  for (const glass of GLASSES) {
    const name = `${phase}-${glass.width}x${glass.height}`;
    await kiosk.page.setViewportSize(glass);
    const found = await eventually(
      `a picture of ${name}`,
      async () => {
        const before = await kiosk.sees(phase, isThere, COMES_WITHIN);
        if (await fades(kiosk.page)) return null;
        const misfits = await findMisfits(kiosk.page);
        await kiosk.page.screenshot({ path: join(screenshots, `${name}.png`) });
        misfits.push(...(await inaccessible(kiosk.page)));
        // The camera doesn't wait: the picture counts only if the page still shows the same.
        const after = await kiosk.look();
        return isThere(after) && before.label === after.label && misfits;
      },
      COMES_WITHIN,
    );
    faults.push(...found.map((fault) => `${name}: ${fault}`));
  }
  await kiosk.page.setViewportSize(PORTRAIT);
  return faults;
}

/** Is something still on its way in? What goes on for ever, as the ring's breath does, doesn't count. */
function fades(/** @type {import("playwright-core").Page} */ page) {
  return page.evaluate(() =>
    document
      .getAnimations()
      .some((a) => a.playState === "running" && a.effect?.getComputedTiming().endTime !== Infinity),
  );
}

/** Parts beyond the edge of the glass or of their card, and cut words. */
function findMisfits(/** @type {import("playwright-core").Page} */ page) {
  return page.evaluate(() => {
    const { innerWidth, innerHeight } = window;
    const root = document.documentElement;
    const faults = [];
    if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) faults.push("the page scrolls");
    const nameOf = (/** @type {Element} */ part) =>
      `${part.tagName.toLowerCase()}.${part.getAttribute("class")} "${part.textContent}"`;
    const always = ".lens, h1, .message p, .sure, .card, .card-name, .card-price";
    const sometimes = ".evidence figcaption, .ember p, .note, .link";
    // The map's names are beyond its edge while they are not shown; what is only said has no place.
    const story = ".story *:not(.spoken, .space-view *)";
    for (const part of document.querySelectorAll(`#mirror :is(${always}, ${sometimes}, ${story})`)) {
      const { left, top, right, bottom, width, height } = part.getBoundingClientRect();
      const name = nameOf(part);
      if (part.matches(always) && (width === 0 || height === 0)) faults.push(`${name} has no size`);
      if (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1) faults.push(`${name} is cut off`);
      const words = [...part.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
      const inline = getComputedStyle(part).display === "inline";
      if (words && !inline && part.scrollWidth > part.clientWidth + 1) faults.push(`${name} has cut words`);
    }
    for (const card of document.querySelectorAll("#mirror .card")) {
      const box = card.getBoundingClientRect();
      for (const part of card.querySelectorAll(".card-picture, .card-name, .card-price, .card-code")) {
        if (!part.checkVisibility({ visibilityProperty: true })) continue;
        const { left, top, right, bottom } = part.getBoundingClientRect();
        const beyond = left < box.left - 1 || top < box.top - 1 || right > box.right + 1 || bottom > box.bottom + 1;
        if (beyond) faults.push(`${nameOf(part)} is outside of its card`);
      }
    }
    return faults;
  });
}
