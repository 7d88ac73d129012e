// Labels and their samples, as the server tells them.

import { isObject, list, number, text, type Json } from "../../server/json";

export type LabelKind = "PRODUCT" | "BACKGROUND";

export type Reason = { kind: "MORE_SAMPLES" | "MORE_VARIETY" } | { kind: "CONFUSED"; labelId: number; share: number };

export interface Quality {
  /** 0 to 1. */
  accuracy: number;
  reasons: Reason[];
}

export interface Label {
  id: number;
  name: string;
  kind: LabelKind;
  productId: string;
  productOrigin: string;
  samples: number;
  /** Samples that wait for another model. */
  ignored: number;
  /** null: nothing to judge yet, or not judged yet. */
  quality: Quality | null;
}

export interface Sample {
  id: number;
  labelId: number;
  at: string;
  ignored: boolean;
}

function parseReason(value: Json): Reason[] {
  const { kind } = value;
  if (kind === "MORE_SAMPLES" || kind === "MORE_VARIETY") return [{ kind }];
  return kind === "CONFUSED" ? [{ kind, labelId: number(value.label_id), share: number(value.share) }] : [];
}

function parseQuality(value: unknown): Quality | null {
  return isObject(value)
    ? { accuracy: number(value.accuracy), reasons: list(value.reasons).flatMap(parseReason) }
    : null;
}

export function parseLabel(value: unknown): Label {
  const label = isObject(value) ? value : {};
  return {
    id: number(label.id),
    name: text(label.name),
    kind: label.kind === "BACKGROUND" ? "BACKGROUND" : "PRODUCT",
    productId: text(label.product_id),
    productOrigin: text(label.product_origin),
    samples: number(label.sample_count),
    ignored: number(label.ignored_sample_count),
    quality: parseQuality(label.quality),
  };
}

export const parseLabels = (value: unknown): Label[] => list(isObject(value) ? value.labels : null).map(parseLabel);

export function parseSample(value: unknown): Sample {
  const sample = isObject(value) ? value : {};
  return {
    id: number(sample.id),
    labelId: number(sample.label_id),
    at: text(sample.created_at),
    ignored: sample.ignored === true,
  };
}

interface SamplePage {
  samples: Sample[];
  /** "" on the last page. */
  next: string;
}

export function parseSamples(value: unknown): SamplePage {
  const page = isObject(value) ? value : {};
  return { samples: list(page.samples).map(parseSample), next: text(page.next_page_token) };
}
