import assert from "node:assert/strict";
import { test } from "node:test";
import { place } from "../src/kiosk/wander";

test("the light is well within the screen and never twice at one place", () => {
  const places = Array.from({ length: 1_000 }, (_, step) => place(step));
  for (const { x, y } of places) assert.ok(x >= 0.2 && x <= 0.8 && y >= 0.2 && y <= 0.8);
  assert.equal(new Set(places.map(({ x, y }) => `${x.toFixed(4)} ${y.toFixed(4)}`)).size, 1_000);
});

test("it gets everywhere", () => {
  const cell = (share: number) => Math.floor((share - 0.2) / 0.06);
  const cells = Array.from({ length: 600 }, (_, step) => place(step)).map(({ x, y }) => `${cell(x)} ${cell(y)}`);
  assert.ok(new Set(cells).size >= 99, `${new Set(cells).size} of 100 parts`);
});

test("it is somewhere else at once", () => {
  for (let step = 0; step < 100; step += 1) {
    const [one, next] = [place(step), place(step + 1)];
    assert.ok(Math.hypot(one.x - next.x, one.y - next.y) > 0.1);
  }
});
