import assert from "node:assert/strict";
import { test } from "node:test";
import { advance, begin, endingOf, isFailure, parseLine, TAP_MS } from "../src/teach/capture/progress";

const line = (captured: number, blurred: number, similar: number, sample?: object) =>
  parseLine({ captured, skipped_blurred: blurred, skipped_similar: similar, sample: sample ?? null, message: "words" });

test("the counter that went up says what became of the frame", () => {
  let progress = begin(20);
  assert.equal(progress.step, "looking");
  progress = advance(progress, line(1, 0, 0));
  assert.equal(progress.step, "taken");
  progress = advance(progress, line(1, 1, 0));
  assert.equal(progress.step, "blurred");
  progress = advance(progress, line(1, 1, 1));
  assert.equal(progress.step, "similar");
  progress = advance(progress, line(1, 1, 1));
  assert.deepEqual([progress.step, progress.taken, progress.wanted, progress.dry], ["similar", 1, 20, true]);
});

test("only a line with a sample has one", () => {
  assert.equal(line(1, 0, 0).sample, null);
  assert.equal(line(1, 0, 0, { id: 0 }).sample, null);
  assert.equal(line(1, 0, 0, { id: 7, label_id: 3, created_at: "2026-11-25T10:00:00Z" }).sample?.id, 7);
});

test("a last line may be an error", () => {
  assert.ok(isFailure({ code: "UNAVAILABLE", error: "The camera is away." }));
  assert.ok(!isFailure({ captured: 1, message: "" }));
});

test("why a capture is over", () => {
  const taken = (count: number, dry = false) => ({ ...begin(10), taken: count, dry });
  assert.equal(endingOf(taken(10), false, 5_000), "full");
  // Let go just as the last one came.
  assert.equal(endingOf(taken(10), true, 5_000), "full");
  assert.equal(endingOf(taken(4, true), false, 25_000), "dry");
  assert.equal(endingOf(taken(4), false, 25_000), "cut");
  assert.equal(endingOf(taken(4), true, 900), "released");
  assert.equal(endingOf(taken(0), true, TAP_MS - 1), "short");
  assert.equal(endingOf(taken(0), true, TAP_MS + 1), "released");
});
