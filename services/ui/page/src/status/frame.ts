import { isObject, number, parseObject, text } from "../server/json";

/** Where a frame's time goes, in the order in which it does. */
const STAGES = ["decode", "wait", "resize", "embed", "classify"] as const;
/** `total`: from the camera to the verdict. */
export const LATENCIES = [...STAGES, "total"] as const;
export type Latency = (typeof LATENCIES)[number];

/** What this page wants of a `recognition` event. */
export interface Frame {
  /** Milliseconds, in the order of LATENCIES. */
  latencies: number[];
  /** In total since the subscription; null: an older server, which doesn't count them. */
  dropped: number | null;
  sharpness: number;
  motion: number;
  source: string;
}

export function parseFrame(data: string): Frame | null {
  const event = parseObject(data);
  if (!event || !isObject(event.timings)) return null;
  const { timings } = event;
  const stages = STAGES.map((stage) => number(stage === "classify" ? event.classify_us : timings[`${stage}_us`]) / 1000);
  return {
    latencies: [...stages, stages.reduce((sum, stage) => sum + stage, 0)],
    dropped: typeof event.frames_dropped === "number" ? event.frames_dropped : null,
    sharpness: number(event.sharpness),
    motion: number(event.motion),
    source: text(event.source),
  };
}
