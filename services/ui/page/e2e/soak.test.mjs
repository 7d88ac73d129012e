// A short version of bench/soak.mjs: what leaks quickly is found here, the rest by an hour of that.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Kiosk, launchBrowser, Visit } from "./browser.mjs";
import { eventually } from "./eventually.mjs";
import { measure } from "./memory.mjs";
import { System } from "./system.mjs";

/** How often a product has to come and go between two looks. */
const TIMES = 6;
const MAY_GROW = { MB: 12, nodes: 400, listeners: 60 };

/** Notes whenever the page has a map in it: it is there for moments only. @param {import("playwright-core").Page} page */
const watchForMap = (page) =>
  page.evaluate(() => {
    const seen = Object.assign(window, { sawMap: false });
    new MutationObserver(() => {
      if (document.querySelector(".space-host canvas")) seen.sawMap = true;
    }).observe(document.body, { subtree: true, childList: true });
  });

/** Whether there was one since this was asked last. @param {import("playwright-core").Page} page */
const sawMap = (page) =>
  page.evaluate(() => {
    const seen = /** @type {any} */ (window);
    const saw = seen.sawMap;
    seen.sawMap = false;
    return saw;
  });

test("memory stays within bounds while products come and go", { timeout: 400_000 }, async () => {
  const system = await System.start();
  const browser = await launchBrowser({ webgl: true });
  try {
    await system.teach();
    const small = { viewport: { width: 800, height: 480 } };
    const kiosk = await Kiosk.open(browser, `${system.url}?story=0.5`, small);
    const space = await Visit.open(browser, `${system.url}space`, small);
    await watchForMap(kiosk.page);
    const comeAndGo = async () => {
      for (let time = 0; time < TIMES; time += 1) {
        const { label } = await kiosk.seesProduct(60_000);
        await kiosk.sees("another scene", (look) => look.label !== label, 60_000);
      }
      await eventually("the story has drawn its map", () => sawMap(kiosk.page), 60_000);
    };
    await comeAndGo();
    const before = await measure(system, browser, { kiosk, space });
    await comeAndGo();
    const after = await measure(system, browser, { kiosk, space });
    for (const [name, value] of Object.entries(before)) {
      // Renderers give memory back when they please.
      if (name.startsWith("browser")) continue;
      const slack = name.endsWith("nodes") ? MAY_GROW.nodes : name.endsWith("listeners") ? MAY_GROW.listeners : MAY_GROW.MB;
      assert.ok(after[name] <= value + slack, `${name}: ${value} before, ${after[name]} after`);
    }
    assert.deepEqual([...kiosk.errors, ...kiosk.complaints, ...space.errors, ...space.complaints], []);
  } finally {
    await browser.close();
    await system.close();
  }
});
