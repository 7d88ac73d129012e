import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "../src/teach/contract/verdict";
import { Feed, KEPT } from "../src/teach/live/feed";
import { sayVerdict } from "../src/teach/live/say";
import { correctable, shownOf } from "../src/teach/verdicts/frozen";
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
  const frozen = [verdict(2), verdict(1)];
  const all = [verdict(4), verdict(3), ...frozen];
  assert.deepEqual(shownOf(all, null), { verdicts: all, waiting: 0 });
  assert.deepEqual(shownOf(all, frozen), { verdicts: frozen, waiting: 2 });
});

test("a verdict that the server has forgotten can't be put right", () => {
  const all = [verdict(KEPT + 1)];
  assert.ok(!correctable(verdict(1), all));
  assert.ok(correctable(verdict(2), all));
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
