import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Patience } from "../src/kiosk/patience";

let lasted: number;
let patience: Patience;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  lasted = 0;
  patience = new Patience(3_000, () => {
    lasted += 1;
  });
});

test("what passes in time is not told", () => {
  patience.watch("hat");
  mock.timers.tick(2_999);
  patience.watch(null);
  mock.timers.tick(10_000);
  assert.equal(lasted, 0);
});

test("what lasts is told once", () => {
  patience.watch("hat");
  mock.timers.tick(2_000);
  patience.watch("hat");
  mock.timers.tick(999);
  assert.equal(lasted, 0);
  mock.timers.tick(1);
  patience.watch("hat");
  mock.timers.tick(10_000);
  assert.equal(lasted, 1);
});

test("another thing begins anew, and so does the same after a break", () => {
  patience.watch("hat");
  mock.timers.tick(2_000);
  patience.watch("bag");
  mock.timers.tick(2_000);
  patience.watch(null);
  patience.watch("bag");
  mock.timers.tick(2_999);
  assert.equal(lasted, 0);
  mock.timers.tick(1);
  assert.equal(lasted, 1);
});
