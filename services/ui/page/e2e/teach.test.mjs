// A store owner's way through the teaching page, on a phone, with the mirror beside it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { expectedCards, labels, products } from "./catalogue.mjs";
import { eventually } from "./eventually.mjs";
import { Fixture } from "./fixture.mjs";
import { assertClean, HANDHELD, judgePage } from "./judged.mjs";

const COMES_WITHIN = 30_000;
const PIN = "271828";
/** The browser's own notes: on an answer that says no, and on pictures of a label that has just been deleted. */
const REFUSED = [/status of 401/, /status of 404.*\/samples\)$/];
const [PHONE] = HANDHELD;

const mirror = new Fixture({ taught: true });

/**
 * @param {import("./browser.mjs").Visit} visit
 * @param {string} route
 * @param {string} ready a selector of what is there then
 */
async function go(visit, route, ready) {
  await visit.page.evaluate((hash) => void (location.hash = hash), route);
  await visit.page.waitForSelector(ready, { timeout: COMES_WITHIN });
}

/**
 * What the page's own requests are answered.
 * @param {import("./browser.mjs").Visit} visit
 * @param {string} method
 * @param {string} path
 */
const ask = (visit, method, path) =>
  visit.page.evaluate(async ([how, where]) => (await fetch(where, { method: how })).json(), [method, path]);

/**
 * @param {import("./browser.mjs").Visit} visit
 * @param {string} name
 * @returns {Promise<number>}
 */
async function idOf(visit, name) {
  const { labels: all } = await ask(visit, "GET", "/api/labels");
  return all.find((/** @type {{ name: string }} */ label) => label.name === name).id;
}

/** The session of the first test: attempts at the PIN are limited. @type {import("playwright-core").Cookie[]} */
let session = [];

/**
 * The page, signed in.
 * @param {"en" | "de"} language
 * @param {{ width: number, height: number }} viewport
 */
async function signedIn(language = "en", viewport = PHONE) {
  const storageState = { cookies: session, origins: [] };
  const visit = await mirror.visit(`teach?lang=${language}`, { viewport, storageState });
  await visit.page.waitForSelector("[data-labels]:not([data-labels=''])", { timeout: COMES_WITHIN });
  return visit;
}

/** @param {string} name */
const samplesOf = async (name) => (await mirror.system.labels())[name];

mirror.test("the first start says how to set the PIN; then nobody gets in without it", 120_000, async () => {
  for (const language of ["en", "de"]) {
    const visit = await mirror.visit(`teach?lang=${language}`, { viewport: PHONE });
    await visit.page.waitForSelector("[data-gate=setup]");
    assert.match(await visit.page.innerText("body"), /docker compose logs ui/);
    await judgePage(visit, `teach-setup-${language}`);
  }
  const visit = await mirror.visit("teach?lang=en", { viewport: PHONE });
  const { page } = visit;
  await page.fill("[name=code]", "AAAAAAAA");
  await page.fill("[name=pin]", PIN);
  await page.fill("[name=pin-again]", PIN);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".trouble");
  assert.equal((await fetch(`${mirror.system.url}api/labels`)).status, 401);
  await page.fill("[name=code]", mirror.system.setUpCode());
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-labels]:not([data-labels=''])", { timeout: COMES_WITHIN });
  session = await visit.context.cookies();
  const [cookie] = session;
  assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ["mirror_session", true, "Strict"]);

  const other = await mirror.visit("teach?lang=en", { viewport: PHONE });
  await other.page.waitForSelector("[data-gate=locked]");
  await judgePage(other, "teach-locked-en");
  await other.page.fill("[name=pin]", "000000");
  await other.page.keyboard.press("Enter");
  await other.page.waitForSelector(".trouble");
  await other.page.fill("[name=pin]", PIN);
  await other.page.keyboard.press("Enter");
  await other.page.waitForSelector("[data-labels]:not([data-labels=''])", { timeout: COMES_WITHIN });
  assertClean(visit, mirror.system.url, REFUSED);
  assertClean(other, mirror.system.url, REFUSED);
});

mirror.test("a product is taught by holding a button, corrected, and taken back", 240_000, async () => {
  const visit = await signedIn();
  const { page } = visit;
  const kiosk = await mirror.open();
  await kiosk.sees("teaching", ({ state }) => state === "teaching", COMES_WITHIN);

  await go(visit, "#/teach/new", "[data-label-form]");
  const [product] = products;
  await page.fill("[name=name]", "A new one");
  await page.fill("[name=product-id]", product.product_id);
  await page.click("[data-save]");
  const cards = expectedCards(product.name, "en", "en");
  await page.waitForSelector(`[data-shoppers="${cards.length}"]`, { timeout: COMES_WITHIN });
  await judgePage(visit, "teach-new-en");
  const id = await page.evaluate(() => /#\/teach\/(\d+)/.exec(location.hash)?.[1]);
  await go(visit, `#/teach/${id}`, "[data-hold]");

  await page.hover("[data-hold]");
  await page.mouse.down();
  const taken = await eventually(
    "three pictures",
    async () => {
      const count = Number(await page.getAttribute("[data-taken]", "data-taken"));
      return count >= 3 && count;
    },
    COMES_WITHIN,
  );
  await page.mouse.up();
  await page.waitForSelector("[data-capture=still]", { timeout: COMES_WITHIN });
  const held = await eventually(
    "what was taken is there",
    async () => {
      const count = await samplesOf("A new one");
      return count >= taken && (await page.getAttribute("section[data-samples]", "data-samples")) === String(count) && count;
    },
    COMES_WITHIN,
  );
  await judgePage(visit, "teach-label-en");

  await page.click("a[data-sample-id]");
  await page.waitForSelector("dialog[data-sheet=sample]");
  await judgePage(visit, "teach-sample-en");
  await page.click("[data-delete-sample]");
  await eventually("one less", async () => (await samplesOf("A new one")) === held - 1, COMES_WITHIN);
  await page.click("[data-notice] [data-undo], [data-undo]");
  await eventually("it is back", async () => (await samplesOf("A new one")) === held, COMES_WITHIN);

  await page.click("a[data-sample-id]");
  await page.click("[data-move]");
  const other = await page.waitForSelector("dialog [data-choose]");
  await other.click();
  await eventually("moved", async () => (await samplesOf("A new one")) === held - 1, COMES_WITHIN);

  await go(visit, `#/teach/${id}/edit`, "[data-delete-label]");
  await page.click("[data-delete-label]");
  await eventually("deleted", async () => (await samplesOf("A new one")) === undefined, COMES_WITHIN);
  await page.click("[data-undo]");
  await eventually("it is back", async () => (await samplesOf("A new one")) === held - 1, COMES_WITHIN);
  assertClean(visit, mirror.system.url, REFUSED);
  await visit.context.close();
  await kiosk.sees("no longer teaching", ({ state }) => state !== "teaching", COMES_WITHIN);
});

mirror.test("a wrong verdict is put right with one tap", 120_000, async () => {
  const visit = await signedIn();
  const { page } = visit;
  await go(visit, "#/verdicts", "li[data-verdict-id]");
  const count = async () => Object.values(await mirror.system.labels()).reduce((sum, samples) => sum + samples, 0);
  const before = await count();
  await judgePage(visit, "teach-verdicts-en");
  await page.click("li[data-verdict-id] a, li[data-verdict-id] button");
  await page.waitForSelector("dialog[data-sheet=verdict]");
  await judgePage(visit, "teach-verdict-en");
  await page.click("dialog [data-choose]");
  await page.waitForSelector(".verdict-learnt", { timeout: COMES_WITHIN });
  assert.equal(await count(), before + 1);
  assertClean(visit, mirror.system.url, REFUSED);
});

mirror.test("what was taught is carried away and brought back", 180_000, async () => {
  const visit = await signedIn();
  const { page } = visit;
  await go(visit, "#/more/data", "[data-export]");
  const download = page.waitForEvent("download");
  await page.click("[data-export]");
  const archive = join(mirror.system.folder, "archive.zip");
  await (await download).saveAs(archive);
  const before = await mirror.system.labels();
  await ask(visit, "DELETE", `/api/labels/${await idOf(visit, products[0].name)}`);
  assert.equal(await samplesOf(products[0].name), undefined);
  await page.setInputFiles("input[type=file]", archive);
  await page.click("[data-import]");
  await page.waitForSelector("[data-import-state=done]", { timeout: 60_000 });
  await judgePage(visit, "teach-data-en");
  assert.deepEqual(await mirror.system.labels(), before);
  assertClean(visit, mirror.system.url, REFUSED);
});

mirror.test("every view reads well in both languages and at every size", 300_000, async () => {
  const views = {
    labels: ["#/teach", "a[data-label-id]"],
    verdicts: ["#/verdicts", "li[data-verdict-id]"],
    quality: ["#/quality", "[data-judged]"],
    more: ["#/more", "[data-entry]"],
    changes: ["#/more/changes", "[data-change-id]"],
    device: ["#/more/device", "[data-camera-id]"],
    security: ["#/more/security", "[data-sign-out], [data-pin-form]"],
  };
  for (const language of /** @type {const} */ (["en", "de"])) {
    for (const viewport of HANDHELD) {
      const visit = await signedIn(language, viewport);
      const id = await idOf(visit, labels[1].name);
      const ofLabel = {
        label: [`#/teach/${id}`, "a[data-sample-id]"],
        edit: [`#/teach/${id}/edit`, "[data-label-form]"],
      };
      for (const [name, [route, ready]] of Object.entries({ ...views, ...ofLabel })) {
        await go(visit, route, ready);
        await judgePage(visit, `teach-${name}-${language}-${viewport.width}x${viewport.height}`);
      }
      assert.equal(await visit.page.getAttribute("html", "lang"), language);
      assertClean(visit, mirror.system.url, REFUSED);
      await visit.context.close();
    }
  }
});
