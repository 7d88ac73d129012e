// From the marketeer to the glass and back: what is recommended, changed, shown without the network, and reported.

import assert from "node:assert/strict";
import { expectedCards, products } from "./catalogue.mjs";
import { eventually } from "./eventually.mjs";
import { Fixture } from "./fixture.mjs";

/** Once round all scenes, on a slow machine. */
const COMES_WITHIN = 120_000;

const mirror = new Fixture({ taught: true });

/**
 * Waits until this product is shown with these cards, each with its picture.
 * @param {import("./browser.mjs").Kiosk} kiosk
 * @param {string} label
 * @param {string[]} ids
 */
function seesCards(kiosk, label, ids) {
  return kiosk.sees(
    `${label} with ${ids}`,
    ({ label: shown, shown: cards }) =>
      shown === label && cards.map(({ id }) => id).join() === ids.join() && cards.every(({ pictured }) => pictured),
    COMES_WITHIN,
  );
}

mirror.test("a marketeer's change is on the glass, and is reported back", 400_000, async () => {
  const kiosk = await mirror.open();
  const [product] = products;
  const before = expectedCards(product.name, "en", "en").map(({ id }) => id);
  await seesCards(kiosk, product.name, before);
  const after = [...before.slice(1), before[0]];
  await mirror.system.recommend(product.product_id, after);
  await seesCards(kiosk, product.name, after);
  assert.deepEqual([...kiosk.hosts], [new URL(mirror.system.url).host], "the page loads from nowhere else");

  await kiosk.page.locator("li.card button").first().click();
  const clicks = await eventually(
    "what was shown and touched is reported",
    async () => {
      const { scenarios } = await mirror.system.simulated();
      const trigger = scenarios.find((/** @type {{ id: string }} */ { id }) => id === "MIRROR_TRIGGER");
      return trigger.feedback.shown > 0 && trigger.feedback.clicks;
    },
    COMES_WITHIN,
  );
  assert.equal(clicks, 1);
  assert.deepEqual(kiosk.errors, []);
});

mirror.test("without the provider the last cards stay, with their pictures, also after a restart", 400_000, async () => {
  const kiosk = await mirror.open();
  const product = products[1];
  const ids = expectedCards(product.name, "en", "en").map(({ id }) => id);
  await seesCards(kiosk, product.name, ids);
  await mirror.system.stop("sap-simulator");
  await mirror.system.kill("recommender");
  await mirror.system.launch("recommender");
  await seesCards(kiosk, product.name, ids);
  const { text } = await kiosk.sees(
    "that offers may be out of date",
    ({ text: words, cards }) => cards > 0 && words.includes("Offers may be out of date"),
    COMES_WITHIN,
  );
  assert.doesNotMatch(text, /error|http|127\.0\.0\.1|provider/i);
  assert.deepEqual(kiosk.errors, []);
});
