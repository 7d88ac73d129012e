import assert from "node:assert/strict";
import { test } from "node:test";
import type { Label, Quality } from "../src/teach/contract/label";
import { differences, draftOf, EMPTY } from "../src/teach/labels/draft";
import { Faces } from "../src/teach/labels/faces";
import { byNeed, gradeOf, judging, search } from "../src/teach/labels/grade";
import { withFresh } from "../src/teach/samples/use-samples";

const label = (id: number, over: Partial<Label> = {}): Label => ({
  id,
  name: `Label ${id}`,
  kind: "PRODUCT",
  productId: "",
  productOrigin: "",
  samples: 10,
  ignored: 0,
  quality: { accuracy: 1, reasons: [] },
  ...over,
});
const quality = (accuracy: number, ...reasons: Quality["reasons"]): Partial<Label> => ({
  quality: { accuracy, reasons },
});

test("a label's grade in a word", () => {
  assert.equal(gradeOf(label(1)), "good");
  assert.equal(gradeOf(label(1, { samples: 0, quality: null })), "empty");
  assert.equal(gradeOf(label(1, { quality: null })), "pending");
  assert.equal(gradeOf(label(1, quality(0.95, { kind: "MORE_VARIETY" }))), "fair");
  assert.equal(gradeOf(label(1, quality(0.8))), "fair");
  assert.equal(gradeOf(label(1, quality(0.6))), "more");
  assert.equal(gradeOf(label(1, quality(1, { kind: "MORE_SAMPLES" }))), "more");
});

test("those that need it most come first", () => {
  const labels = [
    label(1),
    label(2, quality(0.5)),
    label(3, { samples: 0, quality: null }),
    label(4, quality(0.2)),
    label(5, quality(0.8)),
  ];
  assert.deepEqual(
    byNeed(labels).map(({ id }) => id),
    [4, 2, 5, 3, 1],
  );
  assert.ok(!judging(labels));
  assert.ok(judging([label(1, { quality: null })]));
});

test("labels are found by any part of their names, in any case", () => {
  const labels = [label(1, { name: "Äpfel grün" }), label(2, { name: "Birne" })];
  assert.deepEqual(
    search(labels, " äPFEL ").map(({ id }) => id),
    [1],
  );
  assert.equal(search(labels, "").length, 2);
});

test("only what differs is sent", () => {
  const saved = draftOf(label(1, { name: "Lemon", productId: "4711" }));
  assert.equal(differences({ ...saved, name: " Lemon " }, saved), null);
  assert.deepEqual(differences({ ...saved, name: "Lime", productId: "" }, saved), { name: "Lime", product_id: "" });
  assert.deepEqual(differences({ ...EMPTY, name: "Lime", kind: "BACKGROUND" }, EMPTY), {
    name: "Lime",
    kind: "BACKGROUND",
  });
});

test("samples just taken come first, until the list has them or no longer does", () => {
  const sample = (id: number) => ({ id, labelId: 1, at: "", ignored: false });
  const ids = (listed: number[], fresh: number[], older: boolean) =>
    withFresh(listed.map(sample), fresh.map(sample), older).map(({ id }) => id);
  assert.deepEqual(ids([2, 1], [4, 3], true), [4, 3, 2, 1]);
  assert.deepEqual(ids([4, 3, 2, 1], [4, 3], true), [4, 3, 2, 1]);
  // Undone after they were taken.
  assert.deepEqual(ids([2, 1], [4, 3], false), [2, 1]);
});

test("faces are asked for once, two at a time, and anew after a failure", async () => {
  const asked: number[] = [];
  const answers: ((sample: number | null) => void)[] = [];
  const faces = new Faces((id) => {
    asked.push(id);
    return new Promise((resolve) => answers.push(resolve));
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const all = [1, 2, 3, 1].map((id) => faces.of(id, 4));
  await settled();
  assert.deepEqual(asked, [1, 2]);
  answers[0]?.(11);
  await settled();
  assert.deepEqual(asked, [1, 2, 3]);
  answers[1]?.(null);
  answers[2]?.(13);
  assert.deepEqual(await Promise.all(all), [11, null, 13, 11]);
  faces.forget();
  void faces.of(1, 4);
  await settled();
  assert.deepEqual(asked, [1, 2, 3, 1]);
  // Somebody else has taught it more.
  void faces.of(1, 5);
  await settled();
  assert.deepEqual(asked, [1, 2, 3, 1, 1]);

  let calls = 0;
  const failing = new Faces(() => {
    calls += 1;
    return Promise.reject(new Error("away"));
  });
  assert.equal(await failing.of(1, 4), undefined);
  assert.equal(await failing.of(1, 4), undefined);
  assert.equal(calls, 2);
});
