import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFrame, parseMap } from "../src/space/contract";

const label = (over: object = {}) => ({ label_id: 3, name: "Sun hat", kind: "PRODUCT", samples: 2, ...over });
const map = (over: object = {}) =>
  parseMap(
    JSON.stringify({
      revision: 4,
      layout: 2,
      labels: [label(), label({ label_id: 4, name: "Hands", kind: "BACKGROUND" })],
      sample_ids: [10, 11, 12],
      label_indices: [0, 0, 1],
      positions: [1000, 0, -500, 1, 2, 3, 0, 0, 0],
      samples: 30,
      explained: 0.41,
      ...over,
    }),
  );
const frame = (over: object = {}, recognition: object = {}) =>
  parseFrame(
    JSON.stringify({
      frame_id: 1,
      recognition: { outcome: "KNOWN", label_id: 3, label_name: "Sun hat", confidence: 0.93, ...recognition },
      position: [0.1, 0.2, 0.3],
      nearest_position: [0.1, 0.1, 0.1],
      ...over,
    }),
  );

test("a whole map is understood, its thousandths are parts of the ball's radius", () => {
  const known = map();
  assert.deepEqual(known?.labels[1], { id: 4, name: "Hands", background: true, samples: 2 });
  assert.deepEqual([...known!.positions.subarray(0, 3)], [1, 0, -0.5]);
  assert.deepEqual([...known!.labelIndices], [0, 0, 1]);
  assert.deepEqual([known?.layout, known?.samples, known?.explained], [2, 30, 0.41]);
});

test("an empty map is one", () => {
  assert.equal(map({ labels: [], sample_ids: [], label_indices: [], positions: [], samples: 0, explained: 0 })?.sampleIds.length, 0);
});

test("half a map is none", () => {
  const broken: object[] = [
    { labels: null },
    { labels: [label(), "Hands"] },
    { labels: [label(), label({ name: " " })] },
    { labels: [label(), label({ label_id: "4" })] },
    { sample_ids: [10, 11] },
    { sample_ids: [10, 11, 1.5] },
    { label_indices: [0, 0, 2] },
    { label_indices: [0, 0, -1] },
    { positions: [1, 2, 3] },
    { positions: [0.5, 0, 0, 0, 0, 0, 0, 0, 0] },
    { positions: [90_000, 0, 0, 0, 0, 0, 0, 0, 0] },
    { positions: [null, 0, 0, 0, 0, 0, 0, 0, 0] },
    { positions: { length: 9 } },
    { explained: 41 },
    { samples: -1 },
    { layout: undefined },
  ];
  for (const over of broken) assert.equal(map(over), null, JSON.stringify(over));
  for (const data of ["", "nonsense", "null", "[]", "7"]) assert.equal(parseMap(data), null);
});

test("a whole frame is understood", () => {
  assert.deepEqual(frame(), {
    verdict: { outcome: "KNOWN", labelId: 3, name: "Sun hat", confidence: 0.93 },
    position: [0.1, 0.2, 0.3],
    nearest: [0.1, 0.1, 0.1],
  });
  assert.deepEqual(frame({ nearest_position: [] }, { outcome: "UNKNOWN", label_id: 0, label_name: "" }), {
    verdict: { outcome: "UNKNOWN" },
    position: [0.1, 0.2, 0.3],
    nearest: null,
  });
});

test("only where nothing was taught has a frame no place", () => {
  assert.equal(frame({ position: [], nearest_position: [] }, { outcome: "UNTRAINED" })?.position, null);
  assert.equal(frame({ position: [] }), null);
});

test("half a frame is none", () => {
  for (const over of [{ position: [1, 2] }, { position: "0" }, { position: [0, 0, 9] }, { nearest_position: [0, null, 0] }, { recognition: null }]) {
    assert.equal(frame(over), null, JSON.stringify(over));
  }
  for (const recognition of [{ outcome: "MAYBE" }, { label_name: "" }, { confidence: 2 }, { label_id: null }]) {
    assert.equal(frame({}, recognition), null, JSON.stringify(recognition));
  }
  for (const data of ["", "nonsense", "null", "[]"]) assert.equal(parseFrame(data), null);
});
