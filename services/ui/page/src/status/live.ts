// The last two minutes of frames, in buffers of fixed size: each frame's latencies for the figures, and one point a
// second for the charts.

import { LATENCIES, type Frame } from "./frame";
import { percentiles } from "./percentile";

export const WINDOW_S = 120;
/** Enough for a camera with 60 frames a second; of a faster one the figures are of less than two minutes. */
const MOST_FRAMES = 8192;

/** A second that is watched so soon after its beginning counts as a whole one. */
const PROMPT_MS = 50;

/** Median, and what 95 of 100 stay below; in milliseconds. */
interface Spread {
  p50: number;
  p95: number;
}

/** A second in which the stream was open. */
export interface Point {
  second: number;
  frames: number;
  dropped: number;
  /** In the order of LATENCIES; null without frames. */
  latencies: (Spread | null)[];
}

export interface Figures {
  /** The oldest first; null: nobody watched. */
  points: (Point | null)[];
  /** Over all of the window, in the order of LATENCIES. */
  latencies: (Spread | null)[];
}

export class Live {
  /** Frames seen and dropped since the page was opened. */
  frames = 0;
  dropped = 0;
  /** Whether the server counts what it drops. */
  counts = false;
  newest: Frame | null = null;
  newestAt: number | null = null;

  readonly #points: (Point | undefined)[] = new Array<undefined>(WINDOW_S).fill(undefined);
  readonly #latencies = LATENCIES.map(() => new Float32Array(MOST_FRAMES));
  readonly #seconds = new Float64Array(MOST_FRAMES).fill(-Infinity);
  #next = 0;
  #watched = false;
  #open: Point | null = null;
  /** Whether it is watched from its beginning on: else its rates would be too low. */
  #whole = false;
  #lastDropped: number | null = null;

  /** The stream was opened: dropped frames are counted anew. */
  watch(): void {
    this.#watched = true;
    this.#lastDropped = null;
  }

  /** Nothing is known until it is opened again. */
  unwatch(): void {
    this.#watched = false;
    this.#open = null;
  }

  take(frame: Frame, now: number): void {
    this.#watched = true;
    this.tick(now);
    const index = this.#next;
    this.#next = (index + 1) % MOST_FRAMES;
    this.#seconds[index] = secondOf(now);
    this.#latencies.forEach((ring, which) => (ring[index] = frame.latencies[which] ?? 0));
    this.frames += 1;
    this.newest = frame;
    this.newestAt = now;
    const dropped = this.#newlyDropped(frame.dropped);
    this.dropped += dropped;
    if (this.#open) {
      this.#open.frames += 1;
      this.#open.dropped += dropped;
    }
  }

  /** Closes the seconds that have passed. */
  tick(now: number): void {
    const second = secondOf(now);
    // The clock was set back: what is kept would lie in the future.
    if (this.#open && second < this.#open.second) this.#forget();
    while (this.#open && this.#open.second < second) {
      const { second: closed } = this.#close(this.#open);
      // After a long sleep only the newest are of interest.
      this.#open = blank(Math.max(closed + 1, second - WINDOW_S));
    }
    if (this.#watched && !this.#open) {
      this.#open = blank(second);
      this.#whole = now - second * 1000 < PROMPT_MS;
    }
  }

  /** Of the whole seconds before `now`. */
  figures(now: number): Figures {
    const second = secondOf(now);
    const points = Array.from({ length: WINDOW_S }, (_, index) => {
      const wanted = second - WINDOW_S + index;
      const point = this.#points[wanted % WINDOW_S];
      return point?.second === wanted ? point : null;
    });
    return { points, latencies: this.#spread(second - WINDOW_S, second - 1) };
  }

  #close(point: Point): Point {
    point.latencies = this.#spread(point.second, point.second);
    if (this.#whole) this.#points[point.second % WINDOW_S] = point;
    this.#whole = true;
    return point;
  }

  #spread(from: number, to: number): (Spread | null)[] {
    return this.#latencies.map((ring) => {
      const found = percentiles(
        ring.filter((_, index) => this.#seconds[index]! >= from && this.#seconds[index]! <= to),
        [0.5, 0.95],
      );
      return found && { p50: found[0], p95: found[1] };
    });
  }

  /** The first count, and one that has become smaller, are of another subscription: where counting starts. */
  #newlyDropped(total: number | null): number {
    if (total === null) return 0;
    this.counts = true;
    const before = this.#lastDropped;
    this.#lastDropped = total;
    return before === null ? 0 : Math.max(0, total - before);
  }

  #forget(): void {
    this.#points.fill(undefined);
    this.#seconds.fill(-Infinity);
    this.#open = null;
  }
}

const secondOf = (now: number): number => Math.floor(now / 1000);

const blank = (second: number): Point => ({ second, frames: 0, dropped: 0, latencies: LATENCIES.map(() => null) });

/** A second's average over the newest `seconds` that were watched. */
export function recent(points: readonly (Point | null)[], key: "frames" | "dropped", seconds = 5): number | null {
  const newest = points.slice(-seconds).filter((point) => point !== null);
  return newest.length === 0 ? null : newest.reduce((sum, point) => sum + point[key], 0) / newest.length;
}

/** The share of the camera's frames that were dropped, over the window. */
export function droppedShare(points: readonly (Point | null)[]): number | null {
  const [frames, dropped] = points.reduce<[number, number]>(
    ([seen, lost], point) => [seen + (point?.frames ?? 0), lost + (point?.dropped ?? 0)],
    [0, 0],
  );
  return frames + dropped === 0 ? null : dropped / (frames + dropped);
}
