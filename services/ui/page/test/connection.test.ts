import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Backoff } from "../src/server/backoff";
import { connect, GRACE_MS, parseBootId, SILENCE_MS } from "../src/server/connection";
import { parseObject, text } from "../src/server/json";

/** An event stream whose server is the test. */
class FakeSource extends EventTarget {
  closed = false;
  onerror: (() => void) | null = null;
  close() {
    this.closed = true;
  }
  say(type: string, data: object = {}) {
    this.dispatchEvent(Object.assign(new Event(type), { data: JSON.stringify(data) }));
  }
}

let sources: FakeSource[];
let told: string[];
let end: () => void;
let begin: () => void;
const newest = () => sources.at(-1)!;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  sources = [];
  told = [];
  const met = { id: null };
  begin = () => {
    end = connect(
      "/events",
      {
        events: {
          mirror(data) {
            const state = text(parseObject(data)?.state);
            if (state) told.push(state);
            return state !== "";
          },
        },
        lost: () => told.push("lost"),
        rebooted: () => told.push("rebooted"),
      },
      () => {
        const source = new FakeSource();
        sources.push(source);
        return source as unknown as EventSource;
      },
      met,
    );
  };
  begin();
});

test("a hiccup shorter than the grace time is not told", () => {
  newest().say("mirror", { state: "IDLE" });
  newest().onerror?.();
  assert.equal(newest().closed, true);
  mock.timers.tick(GRACE_MS / 2);
  assert.equal(sources.length, 2);
  newest().say("mirror", { state: "LOOKING" });
  mock.timers.tick(GRACE_MS);
  assert.deepEqual(told, ["IDLE", "LOOKING"]);
});

test("a longer loss is told once, and tried again and again", () => {
  newest().say("mirror", { state: "IDLE" });
  for (let second = 0; second < 60; second += 1) {
    if (!newest().closed) newest().onerror?.();
    mock.timers.tick(1_000);
  }
  assert.deepEqual(told, ["IDLE", "lost"]);
  assert.ok(sources.length > 8 && sources.length < 25, `${sources.length} attempts`);
});

test("pings keep a quiet stream open, silence closes it", () => {
  newest().say("mirror", { state: "IDLE" });
  for (let n = 0; n < 10; n += 1) {
    mock.timers.tick(SILENCE_MS - 1);
    newest().say("ping");
  }
  assert.equal(sources.length, 1);
  mock.timers.tick(SILENCE_MS);
  assert.equal(newest().closed, true);
  mock.timers.tick(1_000);
  assert.equal(sources.length, 2);
});

test("a late fault of a closed stream opens no second one", () => {
  const first = newest();
  first.onerror?.();
  first.onerror?.();
  mock.timers.tick(1_000);
  assert.equal(sources.length, 2);
});

test("another boot id means another server", () => {
  newest().say("hello", { boot_id: "one" });
  newest().onerror?.();
  mock.timers.tick(1_000);
  newest().say("hello", { boot_id: "one" });
  assert.deepEqual(told, []);
  newest().onerror?.();
  mock.timers.tick(1_500);
  newest().say("hello", { boot_id: "two" });
  assert.deepEqual(told.filter((word) => word === "rebooted"), ["rebooted"]);
});

test("a page that has ended its stream knows another server at the next one", () => {
  newest().say("hello", { boot_id: "one" });
  end();
  begin();
  newest().say("hello", { boot_id: "one" });
  assert.deepEqual(told, []);
  end();
  begin();
  newest().say("hello", { boot_id: "two" });
  assert.deepEqual(told, ["rebooted"]);
});

test("waiting times double up to a limit and start over", () => {
  const backoff = new Backoff(500, 4_000, () => 0.5);
  assert.deepEqual([1, 2, 3, 4, 5].map(() => backoff.next()), [500, 1_000, 2_000, 4_000, 4_000]);
  backoff.reset();
  assert.equal(backoff.next(), 500);
});

test("a page that ends it hears no more, and opens no more", () => {
  newest().say("mirror", { state: "IDLE" });
  end();
  newest().say("mirror", { state: "LOOKING" });
  newest().onerror?.();
  mock.timers.tick(10 * SILENCE_MS);
  assert.equal(newest().closed, true);
  assert.equal(sources.length, 1);
  assert.deepEqual(told, ["IDLE"]);
});

test("the boot id is read from the greeting", () => {
  assert.equal(parseBootId('{"boot_id":"one","version":"0.1.0"}'), "one");
  assert.equal(parseBootId("{}"), null);
});
