import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST_TARGET, MOST_CARDS, parseMirror } from "../src/kiosk/contract";

const item = (over: object = {}) => ({
  product_id: "CAP-210",
  name: "Straw hat",
  image_url: "/pictures/hat.webp",
  target_url: "https://shop.example/p/CAP-210",
  price: "29.90",
  currency: "EUR",
  ...over,
});
const event = (over: object = {}) => JSON.stringify({ sequence: 1, state: "RECOGNISED", degradations: [], ...over });
const cardsOf = (items: unknown) => parseMirror(event({ recommendations: { items } }))?.offers?.cards;

test("a whole event is understood", () => {
  const mirror = parseMirror(
    event({
      recognition: { outcome: "KNOWN", label_id: 3, label_name: "Sunglasses", confidence: 0.93, nearest_sample_id: 41 },
      recommendations: { items: [item()], freshness: "STALE" },
      degradations: [{ component: "PROVIDER", message: "timeout" }],
    }),
  );
  assert.deepEqual(mirror, {
    state: "RECOGNISED",
    label: { id: "3", name: "Sunglasses", confidence: 0.93, nearestSampleId: 41 },
    offers: {
      cards: [
        {
          productId: "CAP-210",
          name: "Straw hat",
          imageUrl: "/pictures/hat.webp",
          targetUrl: "https://shop.example/p/CAP-210",
          price: "29.90",
          currency: "EUR",
        },
      ],
      stale: true,
    },
    away: ["PROVIDER"],
  });
});

test("what is no event is null, never an exception", () => {
  for (const data of ["", "nonsense", "null", "[]", "7", '{"state":"DANCING"}']) assert.equal(parseMirror(data), null);
});

test("recommendations of null are still coming, an empty list has come", () => {
  assert.equal(parseMirror(event({ recommendations: null }))?.offers, null);
  assert.deepEqual(parseMirror(event({ recommendations: { items: [] } }))?.offers, { cards: [], stale: false });
});

test("only a known product with a name is a label", () => {
  const label = (recognition: object) => parseMirror(event({ recognition }))?.label;
  assert.equal(label({ outcome: "UNKNOWN", label_name: "Hat" }), null);
  assert.equal(label({ outcome: "KNOWN", label_name: "  " }), null);
  assert.equal(label({ outcome: "KNOWN", label_name: "Hat" })?.confidence, null);
  assert.equal(label({ outcome: "KNOWN", label_name: "Hat", confidence: 1.2 })?.confidence, 1);
});

test("a card without a name is dropped, so is a second one of the same product", () => {
  const cards = cardsOf([item({ name: " " }), item(), item({ name: "Again" }), item({ product_id: "B", name: "Bag" }), null]);
  assert.deepEqual(
    cards?.map((card) => card.name),
    ["Straw hat", "Bag"],
  );
});

test("what looks like HTML is a name like any other", () => {
  const name = '<img src="x" onerror="alert(1)">';
  assert.equal(cardsOf([item({ name })])?.[0]?.name, name);
  const mirror = parseMirror(event({ recognition: { outcome: "KNOWN", label_id: 3, label_name: name } }));
  assert.equal(mirror?.label?.name, name);
});

test("there are never more cards than fit", () => {
  const cards = cardsOf(Array.from({ length: 20 }, (_, n) => item({ product_id: `P-${n}` })));
  assert.equal(cards?.length, MOST_CARDS);
});

test("components this page does not know are left out", () => {
  const degradations = [{ component: "COFFEE" }, { component: "CAMERA" }, { component: "CAMERA" }];
  assert.deepEqual(parseMirror(event({ degradations }))?.away, ["CAMERA"]);
});

test("only an id is a taught picture's", () => {
  const nearest = (id: unknown) =>
    parseMirror(event({ recognition: { outcome: "KNOWN", label_id: 3, label_name: "Hat", nearest_sample_id: id } }))?.label?.nearestSampleId;
  assert.equal(nearest(7), 7);
  for (const id of [0, -1, 1.5, "7", "../events", null, undefined]) assert.equal(nearest(id), 0, String(id));
});

test("a card leads to a page of the web or nowhere", () => {
  const target = (url: unknown) => cardsOf([item({ target_url: url })])?.[0]?.targetUrl;
  assert.equal(target("http://shop.example/hat?size=M"), "http://shop.example/hat?size=M");
  assert.equal(target(" https://shop.example/Hüte "), "https://shop.example/H%C3%BCte");
  for (const url of ["", "/p/hat", "shop.example", "javascript:alert(1)", "tel:+491", "https://", null, 7]) {
    assert.equal(target(url), "", String(url));
  }
  const base = "https://shop.example/";
  const longest = base + "x".repeat(LONGEST_TARGET - base.length);
  assert.equal(target(longest), longest);
  assert.equal(target(`${longest}x`), "");
});
