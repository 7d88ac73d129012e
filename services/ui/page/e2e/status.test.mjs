// The operators' page: what it says while all is well, and while something isn't.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { labels } from "./catalogue.mjs";
import { eventually } from "./eventually.mjs";
import { Fixture } from "./fixture.mjs";
import { assertClean, HANDHELD, judgePage } from "./judged.mjs";

const COMES_WITHIN = 60_000;

const mirror = new Fixture({ taught: true });

/**
 * @param {import("./browser.mjs").Visit} visit
 * @param {string} health
 */
const hasHealth = (visit, health) =>
  eventually(health, async () => (await visit.page.getAttribute("#status", "data-health")) === health, COMES_WITHIN);

/** @param {import("./browser.mjs").Visit} visit */
const frames = async (visit) => Number(await visit.page.getAttribute("[data-frames]", "data-frames"));

mirror.test("all is well, in both languages and at every size", 240_000, async () => {
  for (const [language, well] of [["en", "All is well"], ["de", "Alles läuft"]]) {
    for (const viewport of HANDHELD) {
      const visit = await mirror.visit(`status?lang=${language}`, { viewport });
      await hasHealth(visit, "well");
      await eventually("frames", async () => (await frames(visit)) >= 5, COMES_WITHIN);
      const text = await visit.page.innerText("body");
      assert.match(text, new RegExp(well));
      for (const part of [/efficientnet_lite0_headless_int8/, /sap-runtime/, /\b152\b/, /\bCPU\b/]) assert.match(text, part);
      // A path as long as it gets, wherever this checkout is.
      await visit.page.evaluate(() => {
        for (const id of document.querySelectorAll(".camera-id")) id.textContent = `replay:/${"folder".repeat(20)}`;
      });
      await judgePage(visit, `status-${language}-${viewport.width}x${viewport.height}`);
      assertClean(visit, mirror.system.url);
      await visit.context.close();
    }
  }
});

mirror.test("inference killed: the page says what it is, and that it is well again", 240_000, async () => {
  const visit = await mirror.visit("status?lang=en", { viewport: HANDHELD[0] });
  await hasHealth(visit, "well");
  await mirror.system.kill("inference");
  await hasHealth(visit, "degraded");
  await visit.page.waitForSelector("[data-problem=INFERENCE]", { timeout: COMES_WITHIN });
  await judgePage(visit, "status-inference-away");
  await mirror.system.launch("inference");
  await hasHealth(visit, "well");
  assertClean(visit, mirror.system.url);
});

mirror.test("the diagnostics have figures, and nothing that was taught", 120_000, async () => {
  const visit = await mirror.visit("status?lang=en");
  await hasHealth(visit, "well");
  const download = visit.page.waitForEvent("download");
  await visit.page.click('[data-part="diagnostics"] a');
  const file = await download;
  assert.match(file.suggestedFilename(), /^smart-mirror-diagnostics.*\.json$/);
  const text = readFileSync(await file.path(), "utf8");
  const diagnostics = JSON.parse(text);
  assert.equal(diagnostics.gallery.samples, 152);
  for (const { name } of labels) assert.ok(!text.includes(name), `${name} is in it`);
  assert.doesNotMatch(text, /thumbnail|"picture|pin"|simulator"/i);
});
