// The judge has to see each kind of fault, or a page without faults would prove nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "./judge.mjs";

const products = [
  { slug: "hat", name: "Hat" },
  { slug: "shoe", name: "Shoe" },
];
const frames = [
  { at: 0, number: 0, slug: "empty" },
  { at: 100, number: 1, slug: "hat" },
  { at: 3000, number: 2, slug: "empty" },
  { at: 5000, number: 3, slug: "shoe" },
];
/** @param {[number, string, string][]} changes */
const judged = (...changes) =>
  judge({ frames, changes: changes.map(([at, state, label]) => ({ at, state, label })), pings: [] }, products);

test("each product in its time, and idle between them, is right", () => {
  const found = judged([0, "idle", ""], [200, "recognised", "Hat"], [1200, "idle", ""], [5100, "recognised", "Shoe"]);
  assert.deepEqual(found, { shown: { Hat: 1, Shoe: 1 }, wrong: [], withoutIdle: [], longest: 1100 });
});

test("a product before it is in view, long after, or unheard of is wrong", () => {
  const found = judged([50, "recognised", "Shoe"], [4900, "recognised", "Hat"], [4950, "recognised", "Coat"]);
  assert.deepEqual(
    found.wrong.map(({ label, inView }) => `${label} for ${inView}`),
    ["Shoe for empty", "Hat for empty", "Coat for empty"],
  );
});

test("products that follow each other without idle, or show twice, are seen", () => {
  const found = judged([200, "recognised", "Hat"], [300, "looking", ""], [400, "recognised", "Hat"]);
  assert.deepEqual(found.withoutIdle, ["Hat"]);
  assert.equal(found.shown.Hat, 2);
});

test("a product that stays on the screen is timed", () => {
  assert.equal(judged([200, "recognised", "Hat"], [4900, "idle", ""]).longest, 4800);
});
