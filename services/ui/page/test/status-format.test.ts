import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFor } from "../src/status/format";
import { PROBLEMS } from "../src/status/problems";
import { deStatus } from "../src/strings/de/status";
import { enStatus } from "../src/strings/en/status";

// Intl sets narrow and no-break spaces of its own.
const plain = (text: string) => text.replace(/\s/gu, " ");
const [en, de] = [formatFor("en"), formatFor("de")];

test("sizes are in units for people", () => {
  assert.deepEqual([0, 999, 1500, 21_400_000, 143_900_000, 21_734_000_000, 2e15].map((size) => plain(en.bytes(size))), [
    "0 kB",
    "1 kB",
    "1.5 kB",
    "21.4 MB",
    "144 MB",
    "21.7 GB",
    "2,000 TB",
  ]);
  assert.equal(plain(de.bytes(21_734_000_000)), "21,7 GB");
});

test("the shorter a time, the finer it is told", () => {
  assert.deepEqual([0.183, 3.14, 31.4, 1530].map((time) => plain(en.milliseconds(time))), ["0.18 ms", "3.1 ms", "31 ms", "1.5 sec"]);
  assert.equal(plain(de.milliseconds(3.14)), "3,1 ms");
});

test("ages are in the largest whole unit", () => {
  const ago = (seconds: number) => en.ago(0, seconds * 1000);
  assert.deepEqual([0, 5, 61, 7200, 200_000].map(ago), ["0 seconds ago", "5 seconds ago", "1 minute ago", "2 hours ago", "2 days ago"]);
  // A clock may be a little off.
  assert.equal(en.ago(5_000, 0), "0 seconds ago");
  assert.equal(de.ago(0, 180_000), "vor 3 Minuten");
});

test("of a moment only so much is told as isn't today's", () => {
  const now = new Date(2026, 10, 25, 14).getTime();
  assert.equal(de.moment(new Date(2026, 10, 25, 9, 5).getTime(), now), "09:05");
  assert.match(plain(de.moment(new Date(2026, 10, 22, 9, 5).getTime(), now)), /^22\. Nov\.,? 0?9:05$/);
  assert.match(plain(de.moment(new Date(2025, 0, 2, 9, 5).getTime(), now)), /2025/);
});

test("each problem has its words in both languages", () => {
  for (const strings of [enStatus, deStatus]) {
    for (const kind of PROBLEMS) {
      const { title, hint } = strings.problems[kind];
      assert.ok(title && !title.endsWith("."), title);
      assert.ok(hint.endsWith("."), hint);
    }
    assert.match(strings.andMore("A", 1), /A.*problem/i);
    assert.notEqual(strings.andMore("A", 1), strings.andMore("A", 2));
  }
});
