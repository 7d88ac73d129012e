import assert from "node:assert/strict";
import { test } from "node:test";
import { centres } from "../src/space/centres";
import { emptyCloud, eased, nextCloud, pointRadius, type Cloud } from "../src/space/cloud";
import type { SpaceLabel, SpaceMap } from "../src/space/contract";
import { assignColours, channels, COLOURS, GREY } from "../src/space/palette";

const label = (id: number, background = false): SpaceLabel => ({ id, name: `Label ${id}`, background, samples: 1 });

/** Points as [sample id, label's place, x]. */
const mapOf = (labels: SpaceLabel[], points: [number, number, number][]): SpaceMap => ({
  layout: 1,
  labels,
  sampleIds: new Float64Array(points.map(([id]) => id)),
  labelIndices: new Uint16Array(points.map(([, place]) => place)),
  positions: new Float32Array(points.flatMap(([, , x]) => [x, 0, 0])),
  samples: points.length,
  explained: 0.5,
});
const colours = new Map([
  [1, 0],
  [2, 5],
]);
const point = (cloud: Cloud, id: number) => {
  const i = cloud.ids.indexOf(id);
  return { from: cloud.origins[3 * i], to: cloud.positions[3 * i], look: [...cloud.looks.subarray(4 * i, 4 * i + 4)] };
};
const labels = [label(1), label(2)];

test("points appear where they belong", () => {
  const cloud = nextCloud(emptyCloud(), 1, mapOf(labels, [[7, 1, 0.5]]), colours);
  assert.deepEqual(point(cloud, 7), { from: 0.5, to: 0.5, look: [5, 5, 0, 1] });
});

test("a point that is elsewhere in the next map moves there, and takes its new colour on the way", () => {
  const before = nextCloud(emptyCloud(), 1, mapOf(labels, [[7, 0, 0.5]]), colours);
  const cloud = nextCloud(before, 1, mapOf(labels, [[7, 1, -0.5]]), colours);
  assert.deepEqual(point(cloud, 7), { from: 0.5, to: -0.5, look: [0, 5, 1, 1] });
});

test("a map that comes while points are under way lets none jump", () => {
  const first = nextCloud(emptyCloud(), 1, mapOf(labels, [[7, 0, 0]]), colours);
  const second = nextCloud(first, 1, mapOf(labels, [[7, 0, 1]]), colours);
  const third = nextCloud(second, 0.25, mapOf(labels, [[7, 0, 0.5]]), colours);
  assert.deepEqual(point(third, 7), { from: 0.25, to: 0.5, look: [0, 0, 1, 1] });
});

test("what is gone fades where it is, and then is no more", () => {
  const before = nextCloud(emptyCloud(), 1, mapOf(labels, [[7, 0, 0.5], [8, 1, 0.25]]), colours); // prettier-ignore
  const fading = nextCloud(before, 1, mapOf(labels, [[8, 1, 0.25]]), colours);
  assert.deepEqual(point(fading, 7), { from: 0.5, to: 0.5, look: [0, 0, 1, 0] });
  assert.equal(nextCloud(fading, 0.5, mapOf(labels, [[8, 1, 0.25]]), colours).count, 2);
  assert.equal(nextCloud(fading, 1, mapOf(labels, [[8, 1, 0.25]]), colours).count, 1);
});

test("a point that comes back while it fades goes on from where it is", () => {
  const before = nextCloud(emptyCloud(), 1, mapOf(labels, [[7, 0, 0.5]]), colours);
  const fading = nextCloud(before, 1, mapOf(labels, []), colours);
  assert.deepEqual(point(nextCloud(fading, 0.5, mapOf(labels, [[7, 0, 0.5]]), colours), 7).look, [0, 0, 0.5, 1]);
});

test("ways begin and end gently", () => {
  assert.deepEqual([0, 0.5, 1].map(eased), [0, 0.5, 1]);
  assert.ok(eased(0.1) < 0.05);
  assert.ok(pointRadius(5_000) < pointRadius(300) && pointRadius(300) < pointRadius(1));
});

test("a name belongs to the middle of its points; without points there is none", () => {
  const [first, second] = centres(mapOf(labels, [[7, 0, 0.2], [8, 0, 0.6]])); // prettier-ignore
  assert.ok(Math.abs(first!.x - 0.4) < 1e-6 && Math.abs(first!.spread - 0.2) < 1e-6);
  assert.equal(second, null);
});

test("as many labels as there are colours all differ", () => {
  const many = Array.from({ length: GREY }, (_, n) => label(100 + n));
  assert.equal(new Set(assignColours(many, new Map()).values()).size, GREY);
});

test("colours stay when labels come and go, and don't depend on their order", () => {
  const all = [label(1), label(2), label(25)];
  const before = assignColours(all, new Map());
  assert.deepEqual(assignColours([...all].reverse(), new Map()), before);
  // 25 asked for what 1 has.
  assert.notEqual(before.get(25), before.get(1));
  const after = assignColours([label(25), label(3)], before);
  assert.equal(after.get(25), before.get(25));
  assert.notEqual(after.get(3), after.get(25));
});

test("more labels than colours share them", () => {
  const many = Array.from({ length: 60 }, (_, n) => label(n + 1));
  const slots = assignColours(many, new Map());
  assert.ok([...slots.values()].every((slot) => slot >= 0 && slot < GREY));
});

test("what is no product is grey, also when it was one", () => {
  const before = assignColours([label(1)], new Map());
  const after = assignColours([label(1, true)], before);
  assert.equal(after.get(1), GREY);
  assert.notEqual(assignColours([label(1)], after).get(1), GREY);
});

test("all colours are far enough from black and from each other to be told apart", () => {
  const values = channels();
  assert.equal(values.length, 3 * COLOURS.length);
  for (let a = 0; a < COLOURS.length; a += 1) {
    const at = (slot: number) => values.slice(3 * slot, 3 * slot + 3);
    assert.ok(Math.max(...at(a)) > 0.5, `${COLOURS[a]}`);
    for (let b = 0; b < a; b += 1) {
      const apart = Math.hypot(...at(a).map((value, channel) => value - at(b)[channel]!));
      assert.ok(apart > 0.12, `${COLOURS[a]} and ${COLOURS[b]}: ${apart.toFixed(2)}`);
    }
  }
});
