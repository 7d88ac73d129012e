// What the two drawings, on the graphics card and on a flat canvas, have in common.

import type { Cloud } from "./cloud";
import type { Live } from "./live";
import type { Orbit } from "./orbit";

export interface Scene {
  orbit: Orbit;
  live: Live;
  /** 0 to 1, eased: how far the points are on their way. */
  share: number;
  /** Whether the picture before asked for this one, so that they follow each other as fast as can be. */
  flowing: boolean;
}

export interface Drawing {
  readonly canvas: HTMLCanvasElement;
  readonly renderer: "webgl" | "none";
  /** Milliseconds between two pictures, at least. */
  readonly pace: number;
  /** In CSS pixels. */
  resize(width: number, height: number): void;
  points(cloud: Cloud): void;
  draw(scene: Scene): void;
  destroy(): void;
}

/** More than a weak graphics card should be asked for, and more than anybody sees from two metres. */
export const pixelRatio = (): number => Math.min(globalThis.devicePixelRatio || 1, 1.5);

/** Radius of the live point, and of the ring around the sample closest to it. */
export const LIVE = 0.045;
export const NEAREST = 0.05;

/** The line between the two, from edge to edge, into `start` and `end`; false: they touch. */
export function bondOf({ position, nearest }: Live, start: Float32Array, end: Float32Array): boolean {
  const length = Math.hypot(nearest[0]! - position[0]!, nearest[1]! - position[1]!, nearest[2]! - position[2]!);
  if (length <= LIVE + NEAREST) return false;
  for (let axis = 0; axis < 3; axis += 1) {
    const way = (nearest[axis]! - position[axis]!) / length;
    start[axis] = position[axis]! + way * LIVE;
    end[axis] = nearest[axis]! - way * NEAREST;
  }
  return true;
}

/** How bright what is at the back of the ball is, beside what is at its front. */
export const DIMMEST = 0.4;

/** How much fainter what is farther away is: 1 at the front of the ball, 0 at its back. */
export const nearness = (depth: number, distance: number): number =>
  Math.min(1, Math.max(0, (distance + 1 - depth) / 2));
