// What the server tells about the embedding space. What gets past the two parsers is complete, and events that are
// not are refused whole: half a map would be a wrong one.

import { isObject, list, parseObject, text, type Json } from "../server/json";

export type Point = readonly [number, number, number];

export interface SpaceLabel {
  id: number;
  name: string;
  background: boolean;
  samples: number;
}

export interface SpaceMap {
  /** Another one than before: the axes are new. */
  layout: number;
  labels: SpaceLabel[];
  /** One for each point, and so are the next two: its label's place in `labels`, and its three coordinates. */
  sampleIds: Float64Array;
  labelIndices: Uint16Array;
  positions: Float32Array;
  /** In the gallery; the points may be a part of them. */
  samples: number;
  /** 0 to 1. */
  explained: number;
}

export type Verdict =
  | { outcome: "KNOWN" | "BACKGROUND"; labelId: number; name: string; confidence: number }
  | { outcome: "UNKNOWN" | "UNTRAINED" };

export interface SpaceFrame {
  verdict: Verdict;
  /** null: nothing was taught, and so there is no space to be in. */
  position: Point | null;
  /** Where the closest sample is. */
  nearest: Point | null;
}

const MOST_POINTS = 20_000;
/** Farther out nothing is ever put; a number beyond is no place. */
const FARTHEST = 4;

const isId = (value: unknown): value is number => Number.isSafeInteger(value);
const isCount = (value: unknown): value is number => isId(value) && value >= 0;
const isShare = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= 1;

/** As a typed array; null where one of the numbers won't do. */
function numbers<Numbers extends Float64Array | Float32Array | Uint16Array>(
  value: unknown,
  make: (length: number) => Numbers,
  good: (number: number) => boolean,
  scale = 1,
): Numbers | null {
  if (!Array.isArray(value) || value.length > 3 * MOST_POINTS) return null;
  const numbers = make(value.length);
  for (let i = 0; i < value.length; i += 1) {
    const number: unknown = value[i];
    if (typeof number !== "number" || !good(number)) return null;
    numbers[i] = number * scale;
  }
  return numbers;
}

function parseLabel({ label_id: id, name, kind, samples }: Json): SpaceLabel | null {
  if (!isId(id) || !isCount(samples) || text(name) === "") return null;
  return { id, name: text(name), background: kind === "BACKGROUND", samples };
}

export function parseMap(data: string): SpaceMap | null {
  const event = parseObject(data);
  if (!event || !Array.isArray(event.labels)) return null;
  const { layout, samples, explained } = event;
  if (!isCount(layout) || !isCount(samples) || !isShare(explained)) return null;
  const labels = list(event.labels).map(parseLabel).filter((label) => label !== null);
  if (labels.length !== event.labels.length) return null;
  const sampleIds = numbers(event.sample_ids, (length) => new Float64Array(length), isId);
  const labelIndices = numbers(event.label_indices, (length) => new Uint16Array(length), (i) => isCount(i) && i < labels.length);
  const whole = (thousandths: number) => isId(thousandths) && Math.abs(thousandths) <= 1000 * FARTHEST;
  const positions = numbers(event.positions, (length) => new Float32Array(length), whole, 1 / 1000);
  if (!sampleIds || !labelIndices || !positions) return null;
  if (labelIndices.length !== sampleIds.length || positions.length !== 3 * sampleIds.length) return null;
  return { layout, labels, sampleIds, labelIndices, positions, samples, explained };
}

/** Undefined: not a place; null: an empty list, for no place. */
function parsePoint(value: unknown): Point | null | undefined {
  if (!Array.isArray(value)) return undefined;
  if (value.length === 0) return null;
  const [x, y, z] = value as unknown[];
  const good = (number: unknown): number is number => typeof number === "number" && Math.abs(number) <= FARTHEST;
  return value.length === 3 && good(x) && good(y) && good(z) ? [x, y, z] : undefined;
}

function parseVerdict(value: unknown): Verdict | null {
  if (!isObject(value)) return null;
  const { outcome, label_id: labelId, label_name: name, confidence } = value;
  if (outcome === "UNKNOWN" || outcome === "UNTRAINED") return { outcome };
  if (outcome !== "KNOWN" && outcome !== "BACKGROUND") return null;
  if (!isId(labelId) || text(name) === "" || !isShare(confidence)) return null;
  return { outcome, labelId, name: text(name), confidence };
}

export function parseFrame(data: string): SpaceFrame | null {
  const event = parseObject(data);
  const verdict = parseVerdict(event?.recognition);
  const position = parsePoint(event?.position);
  const nearest = parsePoint(event?.nearest_position);
  if (!verdict || position === undefined || nearest === undefined) return null;
  if (position === null && verdict.outcome !== "UNTRAINED") return null;
  return { verdict, position, nearest };
}
