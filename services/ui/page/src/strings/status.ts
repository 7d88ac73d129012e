import type { Latency } from "../status/frame";
import type { ProblemKind, Severity } from "../status/problems";

interface ProblemStrings {
  title: string;
  /** What to do about it. */
  hint: string;
}

/** Everything the status page can say. Numbers and times come formatted. */
export interface StatusStrings {
  title: string;
  heading: string;
  pages: string;
  mirror: string;
  space: string;
  teach: string;
  languages: string;

  /** One word for each, beside its icon. */
  words: Record<Severity | "unknown", string>;
  well: string;
  andMore(title: string, more: number): string;
  asking: string;
  lost: string;
  lostHint: string;
  neverHeard: string;
  lastHeard(moment: string, ago: string): string;
  since(moment: string, ago: string): string;
  /** The report doesn't say: this page has seen it since then. */
  sinceAtLeast(moment: string, ago: string): string;
  problems: Record<ProblemKind, ProblemStrings>;
  untaught: string;
  untaughtHint: string;
  untaughtLink: string;

  unknown: string;
  services: string;
  serviceNames: { ui: string; recommender: string; inference: string };
  running: string;
  away: string;
  version: string;
  otherVersion: string;
  upSince: string;
  memory: string;

  model: string;
  modelAway: string;
  modelId: string;
  dimensions: string;
  input: string;
  pixels(width: string, height: string): string;
  accelerator: string;
  accelerators: Record<string, string>;
  acceleratorDetail: string;
  acceleratorProblem: string;
  runtime: string;
  fingerprint: string;
  copy: string;
  copied: string;
  notCopied: string;

  cameras: string;
  camerasAway: string;
  noCamera: string;
  cameraStates: Record<string, string>;
  selected: string;

  live: string;
  liveHint: string;
  noFrames: string;
  noFramesFor(ago: string): string;
  state: string;
  states: Record<string, string>;
  frameRate: string;
  dropRate: string;
  dropHint: string;
  perSecond(rate: string): string;
  total(count: string): string;
  /** Of all frames of the camera. */
  share(percent: string): string;
  notCounted: string;
  latencies: Record<Latency, string>;
  latencyHint: string;
  p95(value: string): string;
  sharpness: string;
  sharp: string;
  blurred: string;
  motion: string;
  source: string;
  /** What a chart says to those who can't see it. */
  rateChart(title: string, now: string, highest: string): string;
  latencyChart(title: string, p50: string, p95: string): string;
  emptyChart(title: string): string;
  sinceStart: string;
  captured(frames: string, dropped: string, percent: string): string;

  gallery: string;
  galleryAway: string;
  labels: string;
  samples: string;
  ignored: string;
  ignoredHint: string;
  pending: string;
  progress: string;
  progressOf(done: string, all: string): string;
  metric: string;
  metricCurrent: string;
  metricBehind: string;
  teaching: string;

  provider: string;
  recommenderAway: string;
  providerName: string;
  noProvider: string;
  providerState: string;
  works: string;
  providerProblem: string;
  queued: string;

  storage: string;
  database: string;
  recommendations: string;
  diskFree: string;
  diskLow: string;

  help: string;
  streams: string;
  streamsOf(open: string, most: string): string;
  download: string;
  downloadHint: string;
}
