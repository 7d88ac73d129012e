import assert from "node:assert/strict";
import { test } from "node:test";
import { shadesOf, shapeOf } from "../src/kiosk/story/grid";

test("every number has its cell, in a rectangle that is nearly full", () => {
  assert.deepEqual(shapeOf(1_280), { columns: 40, rows: 32 });
  assert.deepEqual(shapeOf(1_024), { columns: 32, rows: 32 });
  for (const count of [1, 2, 7, 96, 512, 768, 1_001, 1_021, 1_792, 4_096]) {
    const { columns, rows } = shapeOf(count);
    assert.ok(columns * rows >= count && columns * (rows - 1) < count, `${count}: ${columns} × ${rows}`);
    assert.ok(columns / rows <= 2, `${count}: ${columns} × ${rows}`);
  }
});

test("shades tell the sign, and how large a number is beside the others", () => {
  const [small, large, negative, none] = shadesOf(Float32Array.of(0.1, 0.9, -0.4, 0));
  assert.deepEqual([small!.positive, large!.positive, negative!.positive], [true, true, false]);
  assert.ok(small!.strength < negative!.strength && negative!.strength < large!.strength);
  assert.ok(large!.strength <= 1 && none!.strength === 0);
  assert.deepEqual(shadesOf(new Float32Array(2)), [
    { positive: true, strength: 0 },
    { positive: true, strength: 0 },
  ]);
});
