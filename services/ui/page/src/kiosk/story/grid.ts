// An embedding as a picture: a cell for each of its numbers.

export interface Shape {
  columns: number;
  rows: number;
}

/** A little wider than high, as far as a full rectangle can be. */
const WANTED = 1.25;
const WIDEST = 2;

export function shapeOf(count: number): Shape {
  let best: Shape | null = null;
  for (let rows = 1; rows * rows <= count; rows += 1) {
    const columns = count / rows;
    if (!Number.isInteger(columns) || columns / rows > WIDEST) continue;
    if (!best || off({ columns, rows }) < off(best)) best = { columns, rows };
  }
  if (best) return best;
  // A count without such divisors: the last row is not full.
  const columns = Math.ceil(Math.sqrt(count * WANTED));
  return { columns, rows: Math.ceil(count / columns) };
}

const off = ({ columns, rows }: Shape): number => Math.abs(Math.log(columns / rows / WANTED));

interface Shade {
  positive: boolean;
  /** 0 to 1. */
  strength: number;
}

/** A few numbers are far larger than all the rest, and would leave them dark. */
const FULL_AT = 2;

/** Each number's shade, by how it compares with the others. */
export function shadesOf(values: Float32Array): Shade[] {
  const square = values.reduce((sum, value) => sum + value * value, 0);
  const full = FULL_AT * Math.sqrt(square / values.length) || 1;
  return Array.from(values, (value) => ({ positive: value >= 0, strength: Math.min(1, Math.abs(value) / full) }));
}
