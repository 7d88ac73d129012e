import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { ProductCard } from "../src/kiosk/contract";
import { click, Impressions } from "../src/kiosk/feedback";
import type { Scene } from "../src/kiosk/screen";

const sunglasses = { id: "3", name: "Sunglasses", confidence: 0.9, nearestSampleId: 41 };
const card = (productId: string, over: Partial<ProductCard> = {}): ProductCard => ({
  productId,
  name: `Product ${productId}`,
  imageUrl: "",
  targetUrl: "",
  price: "",
  currency: "",
  ...over,
});
const shows = (cards: ProductCard[] | null, label = sunglasses): Scene => ({
  kind: "product",
  label,
  offers: cards && { cards, stale: false },
});

let impressions: Impressions;
/** What is told once the scene was painted. */
function told(scene: Scene) {
  impressions.drawn(scene);
  return impressions.seen()?.productIds.join(" ") ?? null;
}

beforeEach(() => {
  impressions = new Impressions();
});

test("cards are told once, with their label, when they have been seen", () => {
  impressions.drawn(shows(null));
  assert.equal(impressions.seen(), null);
  impressions.drawn(shows([card("A"), card("B")]));
  assert.deepEqual(impressions.seen(), { kind: "IMPRESSION", labelId: 3, productIds: ["A", "B"] });
  assert.equal(impressions.seen(), null);
});

test("the same products again are the same showing, whatever else has changed", () => {
  assert.equal(told(shows([card("A"), card("B")])), "A B");
  assert.equal(told(shows([card("A"), card("B")])), null);
  assert.equal(told(shows([card("B"), card("A", { name: "Renamed", price: "9.90", imageUrl: "/pictures/a" })])), null);
  assert.equal(told({ ...shows([card("A"), card("B")]), offers: { cards: [card("A"), card("B")], stale: true } } as Scene), null);
});

test("other products, and products that come back, are told anew", () => {
  assert.equal(told(shows([card("A"), card("B")])), "A B");
  assert.equal(told(shows([card("A"), card("C")])), "A C");
  assert.equal(told(shows([card("A"), card("B")])), "A B");
  assert.equal(told(shows([])), null);
  assert.equal(told(shows([card("A"), card("B")])), "A B");
});

test("the next visitor's cards, and another label's, are another showing", () => {
  assert.equal(told(shows([card("A")])), "A");
  assert.equal(told({ kind: "looking" }), null);
  assert.equal(told(shows([card("A")])), "A");
  assert.equal(told(shows([card("A")], { ...sunglasses, id: "4", name: "Hat" })), "A");
});

test("what nobody saw is not told, and does not hide what is seen later", () => {
  impressions.drawn(shows([card("A")]));
  assert.equal(told(shows([card("B")])), "B");
  impressions.drawn(shows([card("C")]));
  assert.equal(told({ kind: "idle" }), null);
  // Went and came back while the page was behind another.
  assert.equal(told(shows([card("D")])), "D");
  impressions.drawn({ kind: "idle" });
  assert.equal(told(shows([card("D")])), "D");
});

test("a touch is told of the one card", () => {
  assert.deepEqual(click(sunglasses, card("B")), { kind: "CLICK", labelId: 3, productIds: ["B"] });
});

test("what has no name for the shop is left out", () => {
  assert.equal(told(shows([card(""), card("B")])), "B");
  assert.equal(told(shows([card("")])), null);
  assert.equal(click(sunglasses, card("")), null);
  for (const id of ["", "0", "-1", "x", "1.5"]) assert.equal(click({ ...sunglasses, id }, card("B")), null, id);
});
