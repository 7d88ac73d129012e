// Where a label's name belongs: at the middle of its points.

import type { SpaceMap } from "./contract";

export interface Centre {
  x: number;
  y: number;
  z: number;
  /** How far its points are from there, typically. */
  spread: number;
}

/** In the order of the map's labels; null where the map shows none of a label's samples. */
export function centres(map: SpaceMap): (Centre | null)[] {
  const sums = map.labels.map(() => ({ x: 0, y: 0, z: 0, squares: 0, count: 0 }));
  map.labelIndices.forEach((label, i) => {
    const sum = sums[label]!;
    const x = map.positions[3 * i]!;
    const y = map.positions[3 * i + 1]!;
    const z = map.positions[3 * i + 2]!;
    sum.x += x;
    sum.y += y;
    sum.z += z;
    sum.squares += x * x + y * y + z * z;
    sum.count += 1;
  });
  return sums.map(({ x, y, z, squares, count }) => {
    if (count === 0) return null;
    const middle = { x: x / count, y: y / count, z: z / count };
    const variance = squares / count - middle.x ** 2 - middle.y ** 2 - middle.z ** 2;
    return { ...middle, spread: Math.sqrt(Math.max(0, variance)) };
  });
}
