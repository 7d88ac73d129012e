import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { PACE_MS, Poll } from "../src/status/poll";
import { parseReport, type Report } from "../src/status/report";
import { GAP_MS, healthOf, isAnother, isLost, mirrorTime, reduce, START, type Screen } from "../src/status/screen";

const service = { version: "1.0.0" };
const report = (changes: object = {}): Report =>
  parseReport(JSON.stringify({ ui: service, recommender: service, inference: service, ...changes }))!;

const AT = Date.UTC(2026, 10, 25, 10);
const at = (seconds: number) => new Date(AT + seconds * 1000).toISOString();
/** This device's clock is an hour ahead. */
const now = (seconds: number) => AT + 3_600_000 + seconds * 1000;
const heard = (screen: Screen, seconds: number, changes: object = {}) =>
  reduce(screen, { kind: "report", report: report({ at: at(seconds), ...changes }), now: now(seconds) });
const failed = (screen: Screen) => reduce(screen, { kind: "failed" });
const noInference = { inference: null, model: null };

test("before the first answer nothing is known", () => {
  assert.equal(healthOf(START), "unknown");
  assert.equal(isLost(START), false);
  assert.equal(isLost(failed(START)), true);
});

test("one poll that fails is a hiccup, two are a loss, and an answer ends it", () => {
  let screen = heard(START, 0);
  assert.equal(healthOf(screen), "well");
  screen = failed(screen);
  assert.equal(healthOf(screen), "well");
  screen = failed(screen);
  assert.equal(healthOf(screen), "unknown");
  assert.notEqual(screen.report, null);
  assert.equal(healthOf(heard(screen, 10)), "well");
});

test("well since it was seen first, by the mirror's clock", () => {
  let screen = heard(heard(START, 0), 5);
  assert.equal(screen.wellSince, AT);
  screen = heard(screen, 10, noInference);
  assert.equal(screen.wellSince, null);
  assert.equal(healthOf(screen), "degraded");
  assert.equal(heard(screen, 15).wellSince, AT + 15_000);
});

test("after a gap nobody knows whether it was well in it", () => {
  const later = GAP_MS / 1000 + 1;
  assert.equal(heard(heard(START, 0), later).wellSince, AT + later * 1000);
});

test("what the report doesn't date is dated by when it was noticed", () => {
  const screen = heard(heard(START, 0, noInference), 5, noInference);
  assert.deepEqual(
    screen.problems.map(({ kind, since, noticed }) => ({ kind, since, noticed })),
    [{ kind: "INFERENCE", since: AT, noticed: true }],
  );
});

test("what the report dates later on is taken from it", () => {
  const degradations = [{ component: "INFERENCE", message: "Away.", since: at(-60) }];
  const screen = heard(heard(START, 0, noInference), 5, { ...noInference, recommender: { version: "1.0.0", degradations } });
  assert.deepEqual(
    screen.problems.map(({ since, noticed }) => ({ since, noticed })),
    [{ since: AT - 60_000, noticed: false }],
  );
});

test("ages are counted by the mirror's clock", () => {
  assert.equal(mirrorTime(heard(START, 0), now(7)), AT + 7_000);
});

test("another process of the ui service is noticed", () => {
  const ui = { version: "1.0.0", started_at: at(-5) };
  assert.equal(isAnother(null, report()), false);
  assert.equal(isAnother(report(), report()), false);
  assert.equal(isAnother(report(), report({ ui })), true);
});

test("it is asked at its pace, sooner after failures, and not once stopped", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const answers: (Report | null)[] = [report(), null, report()];
  const told: string[] = [];
  const poll = new Poll(
    { report: () => told.push("report"), failed: () => told.push("failed") },
    () => Promise.resolve(answers.length > 0 ? (answers.shift() ?? null) : report()),
  );
  const stop = poll.start();
  await settle();
  assert.deepEqual(told, ["report"]);
  mock.timers.tick(PACE_MS - 1);
  await settle();
  assert.equal(told.length, 1);
  mock.timers.tick(1);
  await settle();
  assert.deepEqual(told, ["report", "failed"]);
  mock.timers.tick(1_200);
  await settle();
  assert.deepEqual(told, ["report", "failed", "report"]);
  poll.soon();
  await settle();
  assert.equal(told.length, 4);
  stop();
  poll.soon();
  mock.timers.tick(10 * PACE_MS);
  await settle();
  assert.equal(told.length, 4);
  mock.timers.reset();
});

test("an answer that comes after it was stopped is nobody's", async () => {
  let answer: (report: Report) => void = () => {};
  const told: string[] = [];
  const poll = new Poll(
    { report: () => told.push("report"), failed: () => told.push("failed") },
    () => new Promise((resolve) => (answer = resolve)),
  );
  const stop = poll.start();
  poll.soon();
  stop();
  answer(report());
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, []);
});
