import assert from "node:assert/strict";
import { test } from "node:test";
import type { SpaceMap, Verdict } from "../src/space/contract";
import { declutter, MOST_NAMES } from "../src/space/declutter";
import { facts } from "../src/space/facts";
import { Announcer, HOLDS_MS, verdictWords } from "../src/space/verdict";
import { deSpace } from "../src/strings/de/space";
import { enSpace } from "../src/strings/en/space";

const hat: Verdict = { outcome: "KNOWN", labelId: 1, name: "Sun hat", confidence: 0.934 };
const unknown: Verdict = { outcome: "UNKNOWN" };

test("the verdict in words", () => {
  assert.equal(verdictWords(hat, enSpace, "en"), "Sun hat · 93%");
  assert.equal(verdictWords(hat, deSpace, "de").replaceAll("\u00a0", " "), "Sun hat · 93 %");
  assert.equal(verdictWords(unknown, enSpace, "en"), "Not known: outside");
  assert.equal(verdictWords({ outcome: "UNTRAINED" }, deSpace, "de"), "Noch nichts gelernt");
});

test("a screen reader is told what holds, not what flickers, nor each percentage", () => {
  const announcer = new Announcer(enSpace);
  assert.equal(announcer.hear(hat, 0), null);
  assert.equal(announcer.hear(unknown, 100), null);
  assert.equal(announcer.hear(hat, 200), null);
  assert.equal(announcer.hear({ ...hat, confidence: 0.5 }, 200 + HOLDS_MS), "Recognised: Sun hat");
  assert.equal(announcer.hear(unknown, 300 + HOLDS_MS), null);
  assert.equal(announcer.hear(unknown, 300 + 2 * HOLDS_MS), "Not known: outside");
  announcer.pause();
  assert.equal(announcer.hear(unknown, 400 + 2 * HOLDS_MS), null);
  assert.equal(announcer.hear(unknown, 400 + 3 * HOLDS_MS), "Not known: outside");
});

const map = (points: number, samples: number): SpaceMap => ({
  layout: 1,
  labels: [{ id: 1, name: "Hat", background: false, samples }],
  sampleIds: new Float64Array(points),
  labelIndices: new Uint16Array(points),
  positions: new Float32Array(3 * points),
  samples,
  explained: 0.412,
});

test("what the map is of, and that it may be a part", () => {
  assert.deepEqual(facts(map(1, 1), enSpace, "en"), ["1 label · 1 picture", "These three axes show 41% of the differences"]);
  assert.equal(facts(map(5_000, 12_345), enSpace, "en")[0], "1 label · showing 5,000 of 12,345 pictures");
  assert.equal(facts(map(5_000, 12_345), deSpace, "de")[0], "1 Begriff · 5.000 von 12.345 Bildern zu sehen");
});

/** Which of the boxes (left, top, width, height) are shown. */
function shown(boxes: number[][], { order = boxes.map((_, n) => n), before = [] as number[], obstacles = [] as number[] } = {}) {
  const flags = new Uint8Array(boxes.length);
  for (const n of before) flags[n] = 1;
  const field = { width: 1000, height: 1000, obstacles: new Float32Array(obstacles) };
  declutter(new Float32Array(boxes.flat()), new Uint16Array(order), flags, field);
  return [...flags].flatMap((flag, n) => (flag ? [n] : []));
}
const box = (left: number, top = 100) => [left, top, 100, 20];

test("of two names that touch, the more important is shown", () => {
  assert.deepEqual(shown([box(100), box(150), box(400)]), [0, 2]);
  assert.deepEqual(shown([box(100), box(150), box(400)], { order: [1, 0, 2] }), [1, 2]);
});

test("names come only where there is room to spare, and stay until they touch", () => {
  assert.deepEqual(shown([box(100), box(203)]), [0]);
  assert.deepEqual(shown([box(100), box(203)], { before: [1] }), [0, 1]);
});

test("no name is cut off, or covers what is in the way", () => {
  assert.deepEqual(shown([box(-5), box(950), box(100, 990)]), []);
  assert.deepEqual(shown([box(100)], { obstacles: [150, 90, 300, 50] }), []);
});

test("there are never more names than can be read", () => {
  assert.equal(shown(Array.from({ length: 40 }, (_, n) => box(20 + 120 * (n % 8), 20 + 40 * Math.floor(n / 8)))).length, MOST_NAMES);
});
