// What `/report` says, and the one place where its JSON is looked at. What gets past `parseReport` is complete: only
// what may be away is null.

import { isObject, list, number, parseObject, text, type Json } from "../server/json";

export interface Service {
  version: string;
  /** Milliseconds by the mirror's clock; null: not told. */
  startedAt: number | null;
  /** 0: not told. */
  residentBytes: number;
}

export interface Degradation {
  /** As the server names it: one that this page doesn't know is told all the same. */
  component: string;
  message: string;
  since: number | null;
}

export interface Recommender extends Service {
  databaseBytes: number;
  recommendationsBytes: number;
  /** null: not told. 0 is a full disk. */
  diskFreeBytes: number | null;
  state: string;
  degradations: Degradation[];
  provider: string;
  queuedInteractions: number;
  teaching: number;
}

export interface Inference extends Service {
  framesCaptured: number;
  framesDropped: number;
}

export interface Gallery {
  modelId: string;
  labels: number;
  samples: number;
  ignored: number;
  pending: number;
  metricCurrent: boolean;
}

export interface Model {
  id: string;
  fingerprint: string;
  dimensions: number;
  inputWidth: number;
  inputHeight: number;
  accelerator: string;
  acceleratorDetail: string;
  acceleratorProblem: string;
  runtimeVersion: string;
}

export interface Camera {
  id: string;
  name: string;
  selected: boolean;
  state: string;
  problem: string;
  mode: string;
  note: string;
}

export interface Report {
  /** The mirror's clock: a phone's may be another. */
  at: number | null;
  ui: Service & { streams: number };
  recommender: Recommender | null;
  gallery: Gallery | null;
  inference: Inference | null;
  model: Model | null;
  cameras: Camera[];
}

export function parseTime(value: unknown): number | null {
  const time = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? null : time;
}

const parseService = (json: Json): Service => ({
  version: text(json.version),
  startedAt: parseTime(json.started_at),
  residentBytes: number(json.resident_bytes),
});

const parseRecommender = (json: Json): Recommender => ({
  ...parseService(json),
  databaseBytes: number(json.database_bytes),
  recommendationsBytes: number(json.recommendations_bytes),
  diskFreeBytes: typeof json.disk_free_bytes === "number" ? json.disk_free_bytes : null,
  state: text(json.state),
  degradations: list(json.degradations).map(({ component, message, since }) => ({
    component: text(component),
    message: text(message),
    since: parseTime(since),
  })),
  provider: text(json.provider),
  queuedInteractions: number(json.queued_interactions),
  teaching: number(json.teaching),
});

const parseInference = (json: Json): Inference => ({
  ...parseService(json),
  framesCaptured: number(json.frames_captured),
  framesDropped: number(json.frames_dropped),
});

const parseGallery = (json: Json): Gallery => ({
  modelId: text(json.model_id),
  labels: number(json.labels),
  samples: number(json.samples),
  ignored: number(json.ignored_samples),
  pending: number(json.pending_samples),
  metricCurrent: json.metric_current === true,
});

const parseModel = (json: Json): Model => ({
  id: text(json.id),
  fingerprint: text(json.fingerprint),
  dimensions: number(json.dimensions),
  inputWidth: number(json.input_width),
  inputHeight: number(json.input_height),
  accelerator: text(json.accelerator),
  acceleratorDetail: text(json.accelerator_detail),
  acceleratorProblem: text(json.accelerator_problem),
  runtimeVersion: text(json.runtime_version),
});

const parseCamera = (json: Json): Camera => ({
  id: text(json.id),
  name: text(json.name),
  selected: json.selected === true,
  state: text(json.state),
  problem: text(json.problem),
  mode: text(json.mode),
  note: text(json.note),
});

const orNull = <T>(value: unknown, parse: (json: Json) => T): T | null => (isObject(value) ? parse(value) : null);

/** null when the text is no report: whatever answers there is not the ui service. */
export function parseReport(data: string): Report | null {
  const json = parseObject(data);
  if (!json || !isObject(json.ui)) return null;
  return {
    at: parseTime(json.at),
    ui: { ...parseService(json.ui), streams: number(json.ui.streams) },
    recommender: orNull(json.recommender, parseRecommender),
    gallery: orNull(json.gallery, parseGallery),
    inference: orNull(json.inference, parseInference),
    model: orNull(json.model, parseModel),
    cameras: list(json.cameras).map(parseCamera),
  };
}
