// The points on their way from one map to the next. The way is drawn by the graphics card, or the canvas: here is only
// where it begins and ends, so that nothing is worked out for each point while it is under way.

import type { SpaceMap } from "./contract";

/** How long points take. */
export const MOVE_SECONDS = 0.9;

export interface Cloud {
  count: number;
  /** Sample ids. */
  ids: Float64Array;
  /** Three coordinates a point: where it comes from, and where it goes. */
  origins: Float32Array;
  positions: Float32Array;
  /** Four numbers a point: its colour from and to, how visible it is from and to. */
  looks: Float32Array;
}

export function emptyCloud(count = 0): Cloud {
  return {
    count,
    ids: new Float64Array(count),
    origins: new Float32Array(3 * count),
    positions: new Float32Array(3 * count),
    looks: new Float32Array(4 * count),
  };
}

/** Gentle at both ends. */
export const eased = (progress: number): number => progress * progress * (3 - 2 * progress);

export const mix = (from: number, to: number, share: number): number => from + (to - from) * share;

/** Fainter than this is gone. */
const FAINTEST = 0.02;

/**
 * The way from where the points of `before` are at this moment to where the map has them: new ones fade in where they
 * belong, those that are gone fade out where they are.
 */
export function nextCloud(before: Cloud, share: number, map: SpaceMap, colours: ReadonlyMap<number, number>): Cloud {
  const known = new Map<number, number>();
  for (let i = 0; i < before.count; i += 1) known.set(before.ids[i]!, i);
  const here = map.sampleIds.length;
  for (const id of map.sampleIds) known.delete(id);
  const gone = [...known.values()].filter((i) => visible(before, i, share) > FAINTEST);

  const cloud = emptyCloud(here + gone.length);
  for (let i = 0; i < before.count; i += 1) known.set(before.ids[i]!, i);
  for (let i = 0; i < here; i += 1) {
    const id = map.sampleIds[i]!;
    const label = map.labels[map.labelIndices[i]!]!;
    const colour = colours.get(label.id) ?? 0;
    cloud.ids[i] = id;
    cloud.positions.set(map.positions.subarray(3 * i, 3 * i + 3), 3 * i);
    const was = known.get(id);
    if (was === undefined) {
      cloud.origins.set(map.positions.subarray(3 * i, 3 * i + 3), 3 * i);
      cloud.looks.set([colour, colour, 0, 1], 4 * i);
    } else {
      start(cloud, i, before, was, share);
      cloud.looks.set([before.looks[4 * was + 1]!, colour, visible(before, was, share), 1], 4 * i);
    }
  }
  gone.forEach((was, n) => {
    const i = here + n;
    const colour = before.looks[4 * was + 1]!;
    cloud.ids[i] = before.ids[was]!;
    start(cloud, i, before, was, share);
    cloud.positions.set(cloud.origins.subarray(3 * i, 3 * i + 3), 3 * i);
    cloud.looks.set([colour, colour, visible(before, was, share), 0], 4 * i);
  });
  return cloud;
}

const visible = ({ looks }: Cloud, i: number, share: number) => mix(looks[4 * i + 2]!, looks[4 * i + 3]!, share);

/** Point i begins where point `was` of the cloud before is now. */
function start(cloud: Cloud, i: number, before: Cloud, was: number, share: number) {
  for (let axis = 0; axis < 3; axis += 1) {
    cloud.origins[3 * i + axis] = mix(before.origins[3 * was + axis]!, before.positions[3 * was + axis]!, share);
  }
}

/** Radius of a point: the more there are, the smaller, so that a group stays a group of points. */
export const pointRadius = (count: number): number => Math.min(0.034, Math.max(0.012, 0.16 / Math.cbrt(Math.max(count, 1))));
