import assert from "node:assert/strict";
import { test } from "node:test";
import { LATENCIES, type Frame } from "../src/status/frame";
import { droppedShare, Live, recent, WINDOW_S } from "../src/status/live";
import { percentiles } from "../src/status/percentile";
import { area, HEIGHT, highest, line, niceTop } from "../src/status/spark";

const START = 1_000_000_000_000;
const frame = (latency: number, dropped: number | null = 0): Frame => ({
  latencies: LATENCIES.map(() => latency),
  dropped,
  sharpness: 5,
  motion: 0,
  source: "",
});

/** Ten frames a second, from `from` until before `until`, of 1 to 10 ms. */
function run(live: Live, from: number, until: number, dropped: (n: number) => number | null = () => 0) {
  for (let n = 0; n < (until - from) * 10; n += 1) live.take(frame(1 + (n % 10), dropped(n)), START + from * 1000 + n * 100);
  live.tick(START + until * 1000);
}

test("percentiles are values that there were", () => {
  assert.deepEqual(percentiles(Float32Array.of(5, 1, 4, 2, 3), [0.5, 0.95]), [3, 5]);
  assert.deepEqual(percentiles(Float32Array.of(7), [0.5, 0.95]), [7, 7]);
  assert.equal(percentiles(new Float32Array(), [0.5]), null);
});

test("each second becomes a point", () => {
  const live = new Live();
  live.watch();
  run(live, 0, 3);
  const { points, latencies } = live.figures(START + 3_000);
  assert.equal(points.length, WINDOW_S);
  assert.deepEqual(points.slice(-4).map((point) => point?.frames), [undefined, 10, 10, 10]);
  assert.deepEqual(points.at(-1)?.latencies[0], { p50: 5, p95: 10 });
  assert.deepEqual(latencies[0], { p50: 5, p95: 10 });
  assert.equal(live.frames, 30);
  assert.equal(recent(points, "frames"), 10);
});

test("a second that was watched only in part is none", () => {
  const live = new Live();
  for (const ms of [700, 900, 1_100, 1_500]) live.take(frame(1), START + ms);
  live.tick(START + 2_000);
  const { points, latencies } = live.figures(START + 2_000);
  assert.deepEqual(points.slice(-2).map((point) => point && point.frames), [null, 2]);
  assert.notEqual(latencies[0], null);
});

test("a quiet second is a point without frames, an unwatched one is none", () => {
  const live = new Live();
  live.watch();
  run(live, 0, 1);
  live.tick(START + 3_000);
  live.unwatch();
  live.tick(START + 5_000);
  live.watch();
  live.tick(START + 5_000);
  live.tick(START + 6_000);
  const { points } = live.figures(START + 6_000);
  assert.deepEqual(points.slice(-6).map((point) => point && point.frames), [10, 0, 0, null, null, 0]);
  assert.equal(points.at(-1)?.latencies[0], null);
});

test("what is older than the window is gone, and the buffers don't grow", () => {
  const live = new Live();
  live.watch();
  run(live, 0, 10);
  run(live, 10, 10 + WINDOW_S);
  const { points } = live.figures(START + (10 + WINDOW_S) * 1000);
  assert.equal(points.length, WINDOW_S);
  assert.ok(points.every((point) => point?.frames === 10));
  live.tick(START + 10 * WINDOW_S * 1000);
  const later = live.figures(START + 10 * WINDOW_S * 1000);
  assert.ok(later.points.every((point) => point?.frames === 0));
  assert.equal(later.latencies[0], null);
});

test("drops are counted from the first count on, and anew with each subscription", () => {
  const live = new Live();
  live.watch();
  run(live, 0, 1, (n) => 100 + n);
  assert.equal(live.dropped, 9);
  live.watch();
  run(live, 1, 2, (n) => 500 + 2 * n);
  assert.equal(live.dropped, 9 + 18);
  // The recommender subscribed anew.
  run(live, 2, 3, (n) => n);
  assert.equal(live.dropped, 9 + 18 + 9);
  const { points } = live.figures(START + 3_000);
  assert.equal(recent(points, "dropped", 1), 9);
  assert.equal(droppedShare(points), 36 / 66);
});

test("a server that counts no drops is known as such", () => {
  const live = new Live();
  run(live, 0, 1, () => null);
  assert.equal(live.counts, false);
  run(live, 1, 2);
  assert.equal(live.counts, true);
  assert.equal(droppedShare([null]), null);
  assert.equal(recent([null, null], "frames"), null);
});

test("a clock that is set back begins anew", () => {
  const live = new Live();
  live.watch();
  run(live, 100, 103);
  live.take(frame(2), START);
  live.tick(START + 1_000);
  const { points, latencies } = live.figures(START + 1_000);
  assert.deepEqual(points.slice(-2).map((point) => point?.frames), [undefined, 1]);
  assert.deepEqual(latencies[0], { p50: 2, p95: 2 });
});

test("scales end at round numbers", () => {
  assert.deepEqual([0, 0.3, 1, 1.1, 12, 61, 200, 950].map((value) => niceTop(value, 1)), [1, 1, 1, 1.5, 15, 80, 200, 1000]);
  assert.equal(niceTop(3, 5), 5);
  assert.equal(niceTop(0, 0), 1);
  assert.equal(highest([1, null, 3], [2]), 3);
  assert.equal(highest([]), 0);
});

test("lines have gaps where there is no value", () => {
  assert.equal(line([0, 5, null, 10], 10), `M0.5 ${HEIGHT}.00L1.5 16.00M3 0.00h1`);
  assert.equal(line([null, null], 10), "");
  assert.equal(area([null, 5], 10), `M1 ${HEIGHT}L1 16.00L1.5 16.00L2 16.00L2 ${HEIGHT}Z`);
});
