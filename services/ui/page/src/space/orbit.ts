// From where the space is looked at: it turns by itself, or by hand, around its middle. Both drawings and the names
// look through this, so that they agree.

export const DISTANCE = 3.8;
const NEAREST = 1.7;
const FARTHEST = 6.5;
/** Once around in 80 s. */
const TURN = (2 * Math.PI) / 80;
/** How long after the last touch it turns again by itself, and how long it takes to be at full speed. */
export const REST_SECONDS = 6;
const EASE_SECONDS = 2;
/** What is let go in motion swings on for about this long. */
const SWING_SECONDS = 0.3;
const STEEPEST = 1.45;
/** From the middle to the nearer edge of the screen: a frame that is not recognised is up to 1.5 out. */
const REACH = 1.45;

export class Orbit {
  #azimuth = 0.6;
  #elevation = 0.3;
  #distance = DISTANCE;
  #speedAzimuth = 0;
  #speedElevation = 0;
  #rested = REST_SECONDS + EASE_SECONDS;
  #held = false;
  /** In pixels. */
  focal = 1;
  /** The screen's directions, in the space's coordinates. */
  readonly right = new Float32Array(3);
  readonly up = new Float32Array(3);
  readonly toward = new Float32Array(3);

  /** `still`: only by hand. */
  constructor(private readonly still: boolean) {
    this.#aim();
  }

  get distance(): number {
    return this.#distance;
  }

  /** Whether it turns by itself. */
  get turning(): boolean {
    return !this.still && !this.#held && this.#rested >= REST_SECONDS;
  }

  /** Whether it still moves from having been turned. */
  get swinging(): boolean {
    return this.#speedAzimuth !== 0 || this.#speedElevation !== 0;
  }

  fit(width: number, height: number): void {
    this.focal = (Math.max(1, Math.min(width, height)) / 2 / REACH) * DISTANCE;
  }

  hold(): void {
    this.#held = true;
    this.#rest();
    this.#speedAzimuth = 0;
    this.#speedElevation = 0;
  }

  letGo(): void {
    this.#held = false;
    this.#rest();
  }

  /** By angles. `seconds` is how long the move took: it swings on at that speed. */
  turn(azimuth: number, elevation: number, seconds = 0): void {
    this.#rest();
    this.#azimuth += azimuth;
    this.#elevation = clamp(this.#elevation + elevation, -STEEPEST, STEEPEST);
    if (!this.still && seconds > 0) {
      this.#speedAzimuth = clamp(azimuth / seconds, -4, 4);
      this.#speedElevation = clamp(elevation / seconds, -4, 4);
    }
    this.#aim();
  }

  /** Above 1: closer. */
  zoom(factor: number): void {
    this.#rest();
    this.#distance = clamp(this.#distance / factor, NEAREST, FARTHEST);
    this.#aim();
  }

  step(seconds: number): void {
    if (this.#held) return;
    this.#rested += seconds;
    const swing = Math.exp(-seconds / SWING_SECONDS);
    this.#speedAzimuth = slowed(this.#speedAzimuth * swing);
    this.#speedElevation = slowed(this.#speedElevation * swing);
    const ease = this.turning ? clamp((this.#rested - REST_SECONDS) / EASE_SECONDS, 0, 1) : 0;
    this.#azimuth += (this.#speedAzimuth + TURN * ease) * seconds;
    this.#elevation = clamp(this.#elevation + this.#speedElevation * seconds, -STEEPEST, STEEPEST);
    this.#aim();
  }

  /** Pixels right of and below the middle, and the distance from the eye, into `out`. */
  project(x: number, y: number, z: number, out: Float32Array): void {
    const { right, up, toward } = this;
    const depth = Math.max(0.1, this.#distance - (x * toward[0]! + y * toward[1]! + z * toward[2]!));
    const scale = this.focal / depth;
    out[0] = (x * right[0]! + y * right[1]! + z * right[2]!) * scale;
    out[1] = -(x * up[0]! + y * up[1]! + z * up[2]!) * scale;
    out[2] = depth;
  }

  #rest() {
    this.#rested = 0;
  }

  #aim() {
    const sinA = Math.sin(this.#azimuth);
    const cosA = Math.cos(this.#azimuth);
    const sinE = Math.sin(this.#elevation);
    const cosE = Math.cos(this.#elevation);
    put(this.right, cosA, 0, -sinA);
    put(this.up, -sinE * sinA, cosE, -sinE * cosA);
    put(this.toward, cosE * sinA, sinE, cosE * cosA);
  }
}

const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
const slowed = (speed: number) => (Math.abs(speed) < 0.01 ? 0 : speed);

function put(vector: Float32Array, x: number, y: number, z: number) {
  vector[0] = x;
  vector[1] = y;
  vector[2] = z;
}
