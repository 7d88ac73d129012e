import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStory } from "../src/kiosk/story/contract";
import { stepsOf } from "../src/kiosk/story/steps";

const told = (over: object = {}) =>
  JSON.stringify({
    sample_id: 41,
    label: { id: 3, name: "Sunglasses" },
    embedding: [0.6, -0.8],
    candidates: [
      { label_id: 3, label_name: "Sunglasses", score: 0.91 },
      { label_id: 4, label_name: "Hat", score: -0.1 },
    ],
    recommendations: { items: [{ product_id: "CAP-210", name: "Straw hat" }], freshness: "FRESH" },
    ...over,
  });

test("a whole story is understood", () => {
  const story = parseStory(told());
  assert.equal(story?.sampleId, 41);
  assert.equal(story?.name, "Sunglasses");
  assert.deepEqual(story?.embedding, Float32Array.of(0.6, -0.8));
  assert.deepEqual(story?.candidates, [
    { name: "Sunglasses", score: 0.91 },
    { name: "Hat", score: -0.1 },
  ]);
  assert.deepEqual(story?.cards.map(({ name }) => name), ["Straw hat"]);
  assert.deepEqual(stepsOf(story!), ["picture", "embedding", "nearest", "recommendation"]);
});

test("without a picture, a name or numbers there is no story", () => {
  const broken = [
    "",
    "null",
    told({ sample_id: 0 }),
    told({ label: null }),
    told({ label: { id: 3, name: " " } }),
    told({ embedding: [] }),
    told({ embedding: [0.6, null] }),
    told({ embedding: "0.6" }),
  ];
  for (const data of broken) assert.equal(parseStory(data), null, data);
});

test("steps that have nothing to show are left out", () => {
  assert.deepEqual(stepsOf(parseStory(told({ recommendations: null, candidates: [{ label_name: "", score: 1 }] }))!), [
    "picture",
    "embedding",
  ]);
});

test("no more is shown than fits", () => {
  const candidates = Array.from({ length: 9 }, (_, n) => ({ label_name: `Label ${n}`, score: 1 - n / 10 }));
  const items = Array.from({ length: 9 }, (_, n) => ({ product_id: `P-${n}`, name: `Product ${n}` }));
  const story = parseStory(told({ candidates, recommendations: { items } }));
  assert.equal(story?.candidates.length, 4);
  assert.equal(story?.cards.length, 4);
});
