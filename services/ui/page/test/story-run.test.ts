import assert from "node:assert/strict";
import { test } from "node:test";
import type { Story } from "../src/kiosk/story/contract";
import { REST_MS, tellStories } from "../src/kiosk/story/run";

const STEP_MS = 6_500;
const story = (name: string, over: Partial<Story> = {}): Story => ({
  sampleId: 41,
  name,
  embedding: Float32Array.of(1),
  candidates: [{ name, score: 0.9 }],
  cards: [{ productId: "A", name: "A", imageUrl: "", targetUrl: "", price: "", currency: "" }],
  ...over,
});
const none = async () => null;
const away = async () => Promise.reject(new TypeError("out of reach"));

/** Runs until there is no answer left, or until `end` says so; returns what was shown, with the waits between. */
async function watch(answers: (() => Promise<Story | null>)[], end: (log: string[]) => boolean = () => false) {
  const stop = new AbortController();
  const log: string[] = [];
  await tellStories({
    stepMs: STEP_MS,
    signal: stop.signal,
    load: (signal) => {
      assert.equal(signal.aborted, false);
      return answers.shift()!();
    },
    show: (told) => log.push(told ? `${told.story.name} ${told.step}` : "invitation"),
    sleep: async (ms) => {
      log.push(String(ms));
      if (end(log) || (answers.length === 0 && log.at(-2) === "invitation")) stop.abort();
    },
  });
  return log;
}

test("a story is told step by step, then the invitation stands alone, then comes another", async () => {
  const step = String(STEP_MS);
  const rest = String(REST_MS);
  const whole = (name: string) =>
    ["picture", "embedding", "nearest", "recommendation"].flatMap((one) => [`${name} ${one}`, step]).concat("invitation", rest);
  const log = await watch([async () => story("Hat"), async () => story("Bag")]);
  assert.deepEqual(log, [rest, ...whole("Hat"), ...whole("Bag")]);
});

test("without a story there is the invitation, and it is asked for less and less often", async () => {
  const log = await watch([none, away, none, away, none, none, none, none, async () => story("Hat", { cards: [] })]);
  const waits = log.slice(1, 9).map(Number);
  assert.ok(waits.every((ms) => ms > STEP_MS), String(waits));
  assert.ok(waits[0]! < waits[2]! && waits[2]! < waits[4]!, String(waits));
  assert.ok(waits.every((ms) => ms <= 360_000), String(waits));
  assert.equal(log[9], "Hat picture");
  assert.ok(!log.includes("Hat recommendation"));
});

test("it ends in the middle of a step, and shows nothing after that", async () => {
  const log = await watch([async () => story("Hat")], (steps) => steps.at(-2) === "Hat embedding");
  assert.equal(log.at(-2), "Hat embedding");
});

test("a story that comes too late is not shown", async () => {
  const stop = new AbortController();
  const shown: unknown[] = [];
  await tellStories({
    stepMs: STEP_MS,
    signal: stop.signal,
    load: async () => {
      stop.abort();
      return story("Hat");
    },
    show: (told) => shown.push(told),
    sleep: async () => undefined,
  });
  assert.deepEqual(shown, []);
});
