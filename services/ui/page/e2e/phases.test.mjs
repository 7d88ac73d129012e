// Every phase of the kiosk, in both languages, on every glass: idle with its story, looking, a product, teaching, dark.

import assert from "node:assert/strict";
import { showsProduct } from "./browser.mjs";
import { background, products } from "./catalogue.mjs";
import { eventually } from "./eventually.mjs";
import { Fixture } from "./fixture.mjs";
import { photograph } from "./glass.mjs";
import { assertClean } from "./judged.mjs";
import { Owner } from "./owner.mjs";

const LANGUAGES = /** @type {const} */ (["en", "de"]);
const STEPS = ["picture", "embedding", "nearest", "recommendation"];
const COMES_WITHIN = 60_000;

const mirror = new Fixture({ taught: true, webgl: true });

/** Writes down each state of the document, as a paint may show it. @param {import("./browser.mjs").Kiosk} kiosk */
const writeDown = (kiosk) =>
  kiosk.page.evaluate(() => {
    /** @type {{ label: string, story: boolean, dim: boolean }[]} */
    const states = [];
    Object.assign(window, { states });
    new MutationObserver(() => {
      const { label = "", dim } = /** @type {HTMLElement} */ (document.querySelector("#mirror")).dataset;
      states.push({ label, story: document.querySelector(".story") !== null, dim: dim === "true" });
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });

/** What was shown with a product. @param {import("./browser.mjs").Kiosk} kiosk */
const withProduct = (kiosk) =>
  kiosk.page.evaluate(() =>
    /** @type {any} */ (window).states.filter((/** @type {{ label: string }} */ { label }) => label !== ""),
  );

mirror.test("idle tells its story, and gives way at once", 400_000, async () => {
  await mirror.system.watch("empty");
  for (const language of LANGUAGES) {
    const kiosk = await mirror.open(`?lang=${language}&story=off`);
    assert.deepEqual(await photograph(kiosk, `idle-${language}`, ({ state }) => state === "idle"), []);
    await kiosk.context.close();
    // Each step lasts for as long as it takes to look at it on three glasses.
    const story = await mirror.open(`?lang=${language}&story=12`);
    for (const step of STEPS) {
      assert.deepEqual(await photograph(story, `story-${step}-${language}`, (look) => look.story === step), []);
      assert.match((await story.look()).text, /Hold a product up to the mirror|Halten Sie ein Produkt vor den Spiegel/);
    }
    assertClean(story, mirror.system.url);
    await story.context.close();
  }
  const kiosk = await mirror.open("?story=1");
  await kiosk.sees("its story", ({ story }) => story === "embedding", COMES_WITHIN);
  await writeDown(kiosk);
  await mirror.system.watch(products[0].slug);
  const look = await kiosk.sees("a product", ({ label }) => label === products[0].name, COMES_WITHIN);
  assert.equal(look.story, "");
  const shown = await withProduct(kiosk);
  assert.ok(shown.length > 0);
  assert.deepEqual(shown.filter((/** @type {{ story: boolean }} */ { story }) => story), [], "never both");
  assert.doesNotMatch(look.text, /Hold a product up/);
});

mirror.test("a product has its evidence, and codes that lead to its shop", 300_000, async () => {
  await mirror.system.watch(products[0].slug);
  for (const language of LANGUAGES) {
    const kiosk = await mirror.open(`?lang=${language}`);
    await kiosk.sees("the product", showsProduct, COMES_WITHIN);
    await kiosk.page.waitForSelector("[data-evidence=shown] img, .evidence[data-evidence=shown]", { timeout: COMES_WITHIN });
    const taught = await kiosk.page.evaluate(() => {
      const picture = /** @type {HTMLImageElement | null} */ (document.querySelector(".evidence img"));
      return picture && [new URL(picture.src).pathname, picture.naturalWidth > 0];
    });
    assert.ok(taught && /^\/samples\/\d+$/.test(String(taught[0])) && taught[1], `${taught}`);
    assert.equal(await kiosk.page.locator("li.card svg.card-code[role=img]").count(), (await kiosk.look()).cards);
    assert.deepEqual(await photograph(kiosk, `recognised-${language}`, showsProduct), []);
    assertClean(kiosk, mirror.system.url);
    await kiosk.context.close();
  }
});

mirror.test("nobody there for a while: dark, without asking for pictures; somebody: awake at once", 200_000, async () => {
  await mirror.system.watch("empty");
  const kiosk = await mirror.open("?dim=2&story=off");
  await kiosk.sees("dark", ({ dim }) => dim, COMES_WITHIN);
  let previews = 0;
  kiosk.page.on("request", (request) => (previews += Number(request.url().includes("/preview.jpg"))));
  assert.deepEqual(await photograph(kiosk, "dark", ({ dim }) => dim), []);
  assert.equal(previews, 0);
  await kiosk.page.keyboard.press("Shift");
  assert.equal((await kiosk.look()).dim, false, "awake at the touch");
  await kiosk.sees("dark again", ({ dim }) => dim, COMES_WITHIN);
  await writeDown(kiosk);
  await mirror.system.watch(products[1].slug);
  await kiosk.sees("awake with a product", ({ dim, label }) => !dim && label === products[1].name, COMES_WITHIN);
  const shown = await withProduct(kiosk);
  assert.deepEqual(shown.filter((/** @type {{ dim: boolean }} */ { dim }) => dim), [], "never in the dark");
});

mirror.test("looking and teaching read well", 300_000, async () => {
  await mirror.system.watch(products[2].slug);
  const owner = await Owner.signedIn(mirror.system);
  await owner.deleteLabel(products[2].name);
  await owner.deleteLabel(background.name);
  for (const language of LANGUAGES) {
    const kiosk = await mirror.open(`?lang=${language}`);
    assert.deepEqual(await photograph(kiosk, `looking-${language}`, ({ state }) => state === "looking"), []);
    await kiosk.context.close();
  }
  const teaching = await owner.teach();
  try {
    for (const language of LANGUAGES) {
      const kiosk = await mirror.open(`?lang=${language}`);
      assert.deepEqual(await photograph(kiosk, `teaching-${language}`, ({ state }) => state === "teaching"), []);
      await kiosk.context.close();
    }
  } finally {
    teaching.abort();
  }
  const kiosk = await mirror.open();
  await eventually("looking again", async () => (await kiosk.look()).state !== "teaching", COMES_WITHIN);
});
