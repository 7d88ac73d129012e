import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Darkness } from "../src/kiosk/darkness";

const AFTER_MS = 600_000;

let changes: boolean[];
let darkness: Darkness;
const after = (ms: number) => new Darkness(ms, () => changes.push(darkness.dark));

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  changes = [];
  darkness = after(AFTER_MS);
});

test("it goes dark when nobody has been there for all of the time", () => {
  darkness.rests(true);
  mock.timers.tick(AFTER_MS - 1);
  assert.equal(darkness.dark, false);
  mock.timers.tick(1);
  assert.equal(darkness.dark, true);
  assert.deepEqual(changes, [true]);
});

test("whoever comes by begins it anew, and what is told twice does not", () => {
  darkness.rests(true);
  mock.timers.tick(AFTER_MS - 1);
  darkness.rests(false);
  darkness.rests(true);
  mock.timers.tick(AFTER_MS - 1);
  darkness.rests(true);
  assert.equal(darkness.dark, false);
  mock.timers.tick(1);
  assert.equal(darkness.dark, true);
});

test("somebody in view ends it at once, without being told", () => {
  darkness.rests(true);
  mock.timers.tick(AFTER_MS);
  darkness.rests(false);
  assert.equal(darkness.dark, false);
  mock.timers.tick(10 * AFTER_MS);
  assert.deepEqual(changes, [true]);
});

test("a touch ends it, and it comes back after the same time", () => {
  darkness.rests(true);
  mock.timers.tick(AFTER_MS / 2);
  darkness.stirred();
  mock.timers.tick(AFTER_MS - 1);
  assert.deepEqual(changes, []);
  mock.timers.tick(1);
  darkness.stirred();
  assert.deepEqual(changes, [true, false]);
  mock.timers.tick(AFTER_MS);
  assert.deepEqual(changes, [true, false, true]);
});

test("a touch while somebody is there changes nothing", () => {
  darkness.rests(false);
  darkness.stirred();
  mock.timers.tick(10 * AFTER_MS);
  assert.deepEqual(changes, []);
});

test("0 is never, and longer than a timer counts is not at once", () => {
  for (const ms of [0, 1e12]) {
    darkness = after(ms);
    darkness.rests(true);
    mock.timers.tick(10 * AFTER_MS);
    assert.equal(darkness.dark, false);
  }
});
