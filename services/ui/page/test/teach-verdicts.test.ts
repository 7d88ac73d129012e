import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "../src/teach/contract/verdict";
import { correctable, Feed, KEPT, type Seen } from "../src/teach/live/feed";
import { sayVerdict } from "../src/teach/live/say";
import { shownOf } from "../src/teach/verdicts/frozen";
import { enTeach } from "../src/strings/en/teach";

const verdict = (id: number, over: Partial<Verdict> = {}): Verdict => ({
  id,
  at: "",
  outcome: "KNOWN",
  labelId: 3,
  name: "Lemon",
  confidence: 0.876,
  candidates: [{ labelId: 3, name: "Lemon" }],
  picture: null,
  ...over,
});
const seen = (id: number, epoch = 1): Seen => ({ ...verdict(id), epoch });
const ids = (verdicts: readonly Verdict[]) => verdicts.map(({ id }) => id);

test("the feed has the newest first, and no more than the server keeps", () => {
  const feed = new Feed();
  let told = 0;
  const end = feed.listen(() => {
    told += 1;
  });
  for (let id = 1; id <= KEPT + 5; id += 1) feed.add(verdict(id));
  assert.equal(told, KEPT + 5);
  assert.equal(feed.now.verdicts.length, KEPT);
  assert.deepEqual(ids(feed.now.verdicts).slice(0, 2), [KEPT + 5, KEPT + 4]);
  assert.equal(feed.now.link, "live");
  feed.quiet();
  assert.deepEqual([feed.now.link, feed.now.verdicts.length], ["quiet", KEPT]);
  end();
  feed.reset();
  assert.deepEqual([feed.now.link, feed.now.verdicts.length, told], ["connecting", 0, KEPT + 6]);
});

test("a server that counts anew has forgotten the verdicts before", () => {
  const feed = new Feed();
  feed.add(verdict(40));
  feed.add(verdict(1));
  assert.deepEqual(ids(feed.now.verdicts), [1]);
});

test("a frozen list holds still and counts those that wait", () => {
  const frozen = [seen(2), seen(1)];
  const all = [seen(4), seen(3), ...frozen];
  assert.deepEqual(shownOf(all, null), { verdicts: all, waiting: 0 });
  assert.deepEqual(shownOf(all, frozen), { verdicts: frozen, waiting: 2 });
  assert.equal(shownOf([seen(1, 2)], frozen).waiting, 1, "of another time, all are new");
});

test("a verdict that the server has forgotten can't be put right", () => {
  const now = { link: "live" as const, verdicts: [seen(KEPT + 1)], epoch: 1 };
  assert.ok(!correctable(seen(1), now));
  assert.ok(correctable(seen(2), now));
});

test("after a new start a number is another frame's", () => {
  const feed = new Feed();
  feed.reset();
  for (let id = 1; id <= 5; id += 1) feed.add(verdict(id));
  const [frozen] = feed.now.verdicts as [Seen];
  assert.ok(feed.has(frozen));
  // The recommender counts from one again, and comes to the same number.
  for (let id = 1; id <= 6; id += 1) feed.add(verdict(id));
  assert.ok(!feed.has(frozen));
  const [later] = feed.now.verdicts as [Seen];
  assert.ok(feed.has(later));
  feed.reset();
  assert.ok(!feed.has(later), "nor is a stream that begins anew of the same time");
});

test("what is said of a verdict", () => {
  const say = (over: Partial<Verdict>) => {
    const { what, beside } = sayVerdict(verdict(1, over), enTeach, "en");
    return [what, beside];
  };
  assert.deepEqual(say({}), ["Lemon", "88%"]);
  assert.deepEqual(say({ outcome: "UNKNOWN", name: "" }), ["Not known", "closest: Lemon"]);
  assert.deepEqual(say({ outcome: "UNKNOWN", candidates: [] }), ["Not known", ""]);
  assert.deepEqual(say({ outcome: "BACKGROUND", name: "Counter" }), ["Counter", "background"]);
  assert.deepEqual(say({ outcome: "UNTRAINED" }), ["Nothing taught yet", ""]);
});
