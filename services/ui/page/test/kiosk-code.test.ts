import assert from "node:assert/strict";
import { test } from "node:test";
import { correction, generate } from "lean-qr";
import { codeOf, QUIET } from "../src/kiosk/code";
import { LONGEST_TARGET } from "../src/kiosk/contract";

/** The modules that an outline of straight lines encloses, by the even-odd rule. */
function modulesOf(path: string, size: number): boolean[][] {
  const outlines = path
    .split("Z")
    .filter((part) => part !== "")
    .map((part) => part.slice(1).split("L").map((point) => point.split(" ").map(Number) as [number, number]));
  const edges = outlines.flatMap((points) => points.map((point, n) => [point, points[(n + 1) % points.length]!] as const));
  const upright = edges.filter(([[x1], [x2]]) => x1 === x2);
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => {
      const [x, y] = [column + 0.5, row + 0.5];
      const crossed = upright.filter(([[edge, y1], [, y2]]) => edge > x && Math.min(y1, y2) < y && y < Math.max(y1, y2));
      return crossed.length % 2 === 1;
    }),
  );
}

/** What a reader reads: bytes of a code of one block, whose parity it has no need of. */
function read(modules: boolean[][]): string {
  const size = modules.length;
  const at = (x: number, y: number) => modules[y]![x]!;
  // Around the upper left finder, most significant bit first.
  const format = [[0, 8], [1, 8], [2, 8], [3, 8], [4, 8]].map(([x, y]) => at(x!, y!));
  const mask = (format.reduce((bits, bit) => bits * 2 + Number(bit), 0) ^ 0b10101) & 7;
  const masked = [
    (x: number, y: number) => (x + y) % 2,
    (_: number, y: number) => y % 2,
    (x: number) => x % 3,
    (x: number, y: number) => (x + y) % 3,
    (x: number, y: number) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
    (x: number, y: number) => ((x * y) % 2) + ((x * y) % 3),
    (x: number, y: number) => (((x * y) % 2) + ((x * y) % 3)) % 2,
    (x: number, y: number) => (((x + y) % 2) + ((x * y) % 3)) % 2,
  ][mask]!;
  const fixed = (x: number, y: number) =>
    (x < 9 && y < 9) || (x > size - 9 && y < 9) || (x < 9 && y > size - 9) || x === 6 || y === 6 ||
    (size > 21 && Math.abs(x - (size - 7)) <= 2 && Math.abs(y - (size - 7)) <= 2);
  const bits: number[] = [];
  let upwards = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = upwards ? size - 1 - step : step;
      for (const x of [right, right - 1]) if (!fixed(x, y)) bits.push(Number(at(x, y)) ^ Number(masked(x, y) === 0));
    }
    upwards = !upwards;
  }
  const number = (from: number, count: number) => bits.slice(from, from + count).reduce((sum, bit) => sum * 2 + bit, 0);
  assert.equal(number(0, 4), 4, "written in bytes");
  return String.fromCharCode(...Array.from({ length: number(4, 8) }, (_, n) => number(12 + 8 * n, 8)));
}

test("the drawn code reads as the address it was made of", () => {
  // Of lengths that make one block.
  for (const url of ["http://a.example/", "https://shop.example/de/p/1?c=1&size=M"]) {
    const { side, path } = codeOf(url);
    assert.equal(read(modulesOf(path, side - 2 * QUIET)), url);
  }
});

test("a code is made to be robust as long as that doesn't make it fine", () => {
  const side = (length: number) => codeOf("https://shop.example/".padEnd(length, "x")).side - 2 * QUIET;
  const url = "https://shop.example/p/SUN-100";
  assert.equal(side(url.length), generate(url, { minCorrectionLevel: correction.M }).size);
  // 3 pixels a module, with the quiet zone: 207 pixels.
  assert.equal(side(LONGEST_TARGET) + 2 * QUIET, 69);
});
