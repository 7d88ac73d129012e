import assert from "node:assert/strict";
import { test } from "node:test";
import { within } from "../src/server/within";

const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new DOMException("", "AbortError"))));

test("what takes too long is given up, and told apart from what was called off", async () => {
  await assert.rejects(within(undefined, 5, never), { name: "TimeoutError" });
  const stop = new AbortController();
  const running = within(stop.signal, 60_000, never);
  stop.abort();
  await assert.rejects(running, { name: "AbortError" });
});

test("what was called off before it began is not begun in earnest", async () => {
  assert.equal(await within(AbortSignal.abort(), 60_000, async ({ aborted }) => aborted), true);
});

test("an answer is handed on", async () => {
  assert.equal(await within(new AbortController().signal, 60_000, async () => 7), 7);
});
