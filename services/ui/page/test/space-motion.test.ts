import assert from "node:assert/strict";
import { test } from "node:test";
import type { SpaceFrame } from "../src/space/contract";
import { bondOf, LIVE, NEAREST } from "../src/space/drawing";
import { press } from "../src/space/hand";
import { Live, TRAIL } from "../src/space/live";
import { Loop, type Schedule } from "../src/space/loop";
import { DISTANCE, Orbit, REST_SECONDS } from "../src/space/orbit";
import { Quality } from "../src/space/quality";

const frame = (x: number, outcome: "KNOWN" | "UNKNOWN" = "KNOWN"): SpaceFrame => ({
  verdict: outcome === "KNOWN" ? { outcome, labelId: 1, name: "Hat", confidence: 0.9 } : { outcome },
  position: [x, 0, 0],
  nearest: [0, x, 0],
});
const run = (live: Live, seconds: number) => {
  let moving = true;
  for (let n = 0; n < seconds * 30; n += 1) moving = live.step(1 / 30);
  return moving;
};

test("a frame that comes into view is at its place, the next ones glide", () => {
  const live = new Live(false);
  live.take(frame(0.5));
  assert.equal(live.position[0], 0.5);
  live.step(1 / 30);
  live.take(frame(-0.5));
  assert.ok(live.step(1 / 30));
  assert.ok(live.position[0]! < 0.5 && live.position[0]! > -0.2, `${live.position[0]}`);
  assert.equal(run(live, 3), false);
  assert.equal(live.position[0], -0.5);
});

test("the trail lags behind, and gathers when the point rests", () => {
  const live = new Live(false);
  live.take(frame(0.5));
  run(live, 2);
  live.take(frame(-0.5));
  run(live, 0.4);
  assert.equal(live.trail[3 * (TRAIL - 1)], 0.5);
  run(live, 3);
  assert.equal(live.trail[3 * (TRAIL - 1)], -0.5);
});

test("outside it becomes hollow, and without frames it fades and comes to rest", () => {
  const live = new Live(false);
  live.take(frame(1.2, "UNKNOWN"));
  run(live, 1);
  assert.deepEqual([live.hollow, live.presence, live.bond], [1, 1, 1]);
  live.leave();
  assert.equal(run(live, 2), false);
  assert.deepEqual([live.presence, live.bond], [0, 0]);
});

test("still, it is at its place at once and leaves no trail", () => {
  const live = new Live(true);
  live.take(frame(0.5));
  live.take(frame(-0.5, "UNKNOWN"));
  assert.deepEqual([live.position[0], live.presence, live.hollow], [-0.5, 1, 1]);
  assert.ok(live.trail.every((value, i) => value === live.position[i % 3]));
});

test("the line runs from edge to edge; touching, there is none", () => {
  const live = new Live(true);
  live.take(frame(0.3));
  const start = new Float32Array(3);
  const end = new Float32Array(3);
  assert.ok(bondOf(live, start, end));
  const gap = (a: Float32Array, b: Float32Array) => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!);
  assert.ok(Math.abs(gap(start, live.position) - LIVE) < 1e-6 && Math.abs(gap(end, live.nearest) - NEAREST) < 1e-6);
  live.take(frame(0.01));
  assert.equal(bondOf(live, start, end), false);
});

test("it turns by itself, not while it is held, and again some time after it is let go", () => {
  const orbit = new Orbit(false);
  const x = () => orbit.toward[0]!;
  let before = x();
  orbit.step(0.1);
  assert.ok(orbit.turning && x() !== before);
  orbit.hold();
  before = x();
  orbit.step(10);
  assert.ok(!orbit.turning && x() === before);
  orbit.letGo();
  orbit.step(REST_SECONDS - 0.5);
  assert.equal(orbit.turning, false);
  orbit.step(1);
  assert.equal(orbit.turning, true);
});

test("still, it is turned by keys only, and doesn't swing on", () => {
  const orbit = new Orbit(true);
  const before = orbit.toward[0];
  orbit.step(60);
  assert.ok(!orbit.turning && orbit.toward[0] === before);
  assert.ok(press(orbit, "ArrowLeft"));
  assert.ok(orbit.toward[0] !== before && !orbit.swinging);
  assert.equal(press(orbit, "Tab"), false);
});

test("it is never turned over, nor brought too close or too far", () => {
  const orbit = new Orbit(true);
  for (let n = 0; n < 50; n += 1) press(orbit, "ArrowUp");
  assert.ok(orbit.toward[1]! < 1 && orbit.up[1]! > 0.1);
  for (let n = 0; n < 50; n += 1) press(orbit, "+");
  assert.ok(orbit.distance > 1.5);
  for (let n = 0; n < 50; n += 1) press(orbit, "-");
  assert.ok(orbit.distance < 8);
});

test("the middle is in the middle, what is nearer is larger, and the ball fits", () => {
  const orbit = new Orbit(true);
  orbit.fit(800, 400);
  const out = new Float32Array(3);
  orbit.project(0, 0, 0, out);
  assert.ok(out[0] === 0 && Math.abs(out[1]!) === 0 && Math.abs(out[2]! - DISTANCE) < 1e-6);
  const { up, toward } = orbit;
  orbit.project(up[0]!, up[1]!, up[2]!, out);
  assert.ok(out[1]! < -130 && out[1]! > -200, `${out[1]}`);
  orbit.project(toward[0]!, toward[1]!, toward[2]!, out);
  assert.ok(Math.abs(out[2]! - (DISTANCE - 1)) < 1e-5);
});

/** A browser whose frames the test calls. */
function fakeBrowser() {
  const waits: number[] = [];
  let frame: ((now: number) => void) | null = null;
  const schedule: Schedule = (next, wait) => {
    waits.push(wait);
    frame = next;
    return () => {
      frame = null;
    };
  };
  const tick = (now: number) => {
    const due = frame;
    frame = null;
    due?.(now);
  };
  return { waits, tick, asked: () => frame !== null, schedule };
}

test("it draws only when something changed, and no faster than its pace", () => {
  const { tick, asked, schedule } = fakeBrowser();
  let more = false;
  let drawn = 0;
  const loop = new Loop(() => ((drawn += 1), more), 33, schedule);
  assert.equal(asked(), false);
  loop.wake();
  tick(100);
  assert.deepEqual([drawn, asked()], [1, false]);
  more = true;
  loop.wake();
  tick(110);
  assert.deepEqual([drawn, asked()], [1, true]);
  tick(133);
  assert.equal(drawn, 2);
  loop.end();
  loop.wake();
  assert.equal(asked(), false);
});

test("nobody looks: nothing is drawn, and after that what has changed is", () => {
  const { tick, asked, schedule } = fakeBrowser();
  const steps: number[] = [];
  const loop = new Loop((seconds) => (steps.push(seconds), true), 33, schedule);
  loop.wake();
  tick(100);
  loop.paused = true;
  assert.equal(asked(), false);
  loop.wake();
  assert.equal(asked(), false);
  loop.paused = false;
  tick(60_000);
  assert.deepEqual(steps, [0.1, 0.1]);
});

test("what is drawn too slowly becomes less sharp, down to half", () => {
  const quality = new Quality(50);
  let now = 0;
  const draw = (pictures: number, ms: number, flowing = true) => {
    for (let n = 0; n < pictures; n += 1) quality.drawn((now += ms), flowing);
  };
  draw(100, 33);
  // Ten a second because no more was asked for.
  draw(100, 100, false);
  assert.equal(quality.share, 1);
  draw(21, 100);
  assert.equal(quality.share, 0.75);
  draw(100, 100);
  assert.equal(quality.share, 0.5);
});
