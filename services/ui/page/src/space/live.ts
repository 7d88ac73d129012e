// Where the camera's newest frame is. Frames come a few times a second; the point glides from one to the next.

import type { SpaceFrame } from "./contract";

/** How many places the trail has, and how long apart they are. */
export const TRAIL = 22;
const TRAIL_SECONDS = 0.05;
/** The point has come most of its way after this long. */
const GLIDE_SECONDS = 0.11;
const FADE_SECONDS = 0.25;
/** Closer than this is there. */
const THERE = 0.001;

export class Live {
  readonly position = new Float32Array(3);
  readonly nearest = new Float32Array(3);
  /** The newest place first. */
  readonly trail = new Float32Array(3 * TRAIL);
  /** 0 to 1: how visible the point is; the line to the nearest sample; and how hollow the point is. */
  presence = 0;
  bond = 0;
  hollow = 0;
  #target = new Float32Array(3);
  #nearestTarget = new Float32Array(3);
  #here = false;
  #bound = false;
  #outside = false;
  #since = 0;

  /** `still`: the point is at its place at once, and leaves no trail. */
  constructor(private readonly still: boolean) {}

  take({ verdict, position, nearest }: SpaceFrame): void {
    if (!position) return this.leave();
    this.#target.set(position);
    // One that comes into view is there, and doesn't fly in from where another one left.
    if (this.presence === 0) {
      this.position.set(position);
      this.#gather();
    }
    if (nearest) {
      this.#nearestTarget.set(nearest);
      if (this.bond === 0) this.nearest.set(nearest);
    }
    this.#here = true;
    this.#bound = nearest !== null;
    this.#outside = verdict.outcome === "UNKNOWN";
    if (this.still) this.step(Number.POSITIVE_INFINITY);
  }

  leave(): void {
    this.#here = false;
    this.#bound = false;
    if (this.still) this.step(Number.POSITIVE_INFINITY);
  }

  /** The axes are others: where the point was means nothing on them. */
  forgetTrail(): void {
    this.#gather();
  }

  /** Whether anything is still under way. */
  step(seconds: number): boolean {
    const share = 1 - Math.exp(-seconds / GLIDE_SECONDS);
    const fade = seconds / FADE_SECONDS;
    const moved = glide(this.position, this.#target, share);
    const led = glide(this.nearest, this.#nearestTarget, share);
    const presence = toward(this.presence, this.#here ? 1 : 0, fade);
    const bond = toward(this.bond, this.#bound ? 1 : 0, fade);
    const hollow = toward(this.hollow, this.#outside ? 1 : 0, fade);
    const faded = presence !== this.presence || bond !== this.bond || hollow !== this.hollow;
    this.presence = presence;
    this.bond = bond;
    this.hollow = hollow;
    return this.#follow(seconds) || moved || led || faded;
  }

  /** Whether the trail has not yet come to rest. */
  #follow(seconds: number): boolean {
    if (this.still) {
      this.#gather();
      return false;
    }
    this.#since += seconds;
    while (this.#since >= TRAIL_SECONDS) {
      this.#since -= TRAIL_SECONDS;
      this.trail.copyWithin(3, 0, 3 * (TRAIL - 1));
      this.trail.set(this.position);
    }
    const last = 3 * (TRAIL - 1);
    let length = 0;
    for (let axis = 0; axis < 3; axis += 1) length = Math.max(length, Math.abs(this.trail[axis]! - this.trail[last + axis]!));
    return this.presence > 0 && length > THERE;
  }

  #gather() {
    for (let at = 0; at < this.trail.length; at += 3) this.trail.set(this.position, at);
  }
}

function glide(vector: Float32Array, target: Float32Array, share: number): boolean {
  let far = 0;
  for (let axis = 0; axis < 3; axis += 1) {
    const way = target[axis]! - vector[axis]!;
    far = Math.max(far, Math.abs(way));
    vector[axis]! += way * share;
  }
  if (far >= THERE) return true;
  vector.set(target);
  return false;
}

const toward = (value: number, goal: number, step: number): number =>
  value < goal ? Math.min(goal, value + step) : Math.max(goal, value - step);
