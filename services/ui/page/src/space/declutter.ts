// Which of the names are shown: none over another, none over the page's own words, none cut off.

/** More would be a word cloud. */
export const MOST_NAMES = 14;

/** Names come only where there is ample room, and go only when they touch: so that they don't flicker while it turns. */
const AMPLE = 8;

export interface Field {
  width: number;
  height: number;
  /** Left, top, width and height of what is in the way. */
  obstacles: Float32Array;
}

/**
 * `boxes` has four numbers a name (left, top, width, height), the most important name first, or in the order of
 * `order`. What was `shown` before is read from there, what is to be is written there.
 */
export function declutter(boxes: Float32Array, order: Uint16Array, shown: Uint8Array, field: Field): void {
  let placed = 0;
  for (let n = 0; n < order.length; n += 1) {
    const name = order[n]!;
    const margin = shown[name] ? 0 : AMPLE;
    shown[name] = 0;
    if (placed >= MOST_NAMES || !inside(boxes, 4 * name, field, margin)) continue;
    let free = true;
    for (let at = 0; free && at < field.obstacles.length; at += 4) free = !touch(boxes, 4 * name, field.obstacles, at, margin);
    for (let m = 0; free && m < n; m += 1) {
      const other = order[m]!;
      free = !shown[other] || !touch(boxes, 4 * name, boxes, 4 * other, margin);
    }
    if (!free) continue;
    shown[name] = 1;
    placed += 1;
  }
}

function inside(boxes: Float32Array, at: number, { width, height }: Field, margin: number): boolean {
  const left = boxes[at]!;
  const top = boxes[at + 1]!;
  return left >= margin && top >= margin && left + boxes[at + 2]! <= width - margin && top + boxes[at + 3]! <= height - margin;
}

function touch(a: Float32Array, i: number, b: Float32Array, j: number, margin: number): boolean {
  return (
    a[i]! < b[j]! + b[j + 2]! + margin &&
    b[j]! < a[i]! + a[i + 2]! + margin &&
    a[i + 1]! < b[j + 1]! + b[j + 3]! + margin &&
    b[j + 1]! < a[i + 1]! + a[i + 3]! + margin
  );
}
