import type { Code } from "../language/choose";
import type { TroubleCode } from "../teach/api/trouble";
import type { CameraState } from "../teach/contract/device";
import type { ChangeKind } from "../teach/contract/change";
import type { Grade } from "../teach/labels/grade";

/** Everything the teaching page can say. Percentages, prices and times come already formatted. */
export interface TeachStrings {
  title: string;
  back: string;
  cancel: string;
  close: string;
  done: string;
  save: string;
  edit: string;
  remove: string;
  retry: string;
  loading: string;
  sections: string;
  tabs: Record<"teach" | "verdicts" | "quality" | "more", string>;
  languages: Record<Code, string>;
  language: string;
  trouble: Record<TroubleCode, string>;
  /** A service is away; the page goes on asking. */
  healing: string;
  session: SessionStrings;
  live: LiveStrings;
  labels: LabelStrings;
  capture: CaptureStrings;
  samples: SampleStrings;
  verdicts: VerdictStrings;
  quality: QualityStrings;
  changes: ChangeStrings;
  data: DataStrings;
  device: DeviceStrings;
}

interface SessionStrings {
  setup: string;
  setupIntro: string;
  steps: {
    find: string;
    findHow: string;
    log: string;
    enter: string;
    enterHow: string;
    choose: string;
    chooseHow: string;
  };
  code: string;
  pin: string;
  newPin: string;
  pinAgain: string;
  differ: string;
  length: string;
  setPin: string;
  wrongCode: string;
  unfit: string;
  taken: string;
  locked: string;
  lockedIntro: string;
  lockedAgain: string;
  open: string;
  wrongPin: string;
  wait(time: string): string;
  managed: string;
  forgotten: string;
  security: string;
  securityHint: string;
  oldPin: string;
  change: string;
  changed: string;
  signOut: string;
  looking: string;
}

interface LiveStrings {
  preview: string;
  teaching: string;
  teachingHint: string;
  paused: string;
  noPicture: string;
  quiet: string;
  sees: string;
  unknown: string;
  closest(label: string): string;
  background: string;
  untrained: string;
  waiting: string;
}

interface LabelStrings {
  title: string;
  none: string;
  noneHint: string;
  search: string;
  notFound(words: string): string;
  count(labels: number): string;
  samples(count: number): string;
  ignored(count: number): string;
  create: string;
  editTitle: string;
  name: string;
  nameHint: string;
  kind: string;
  product: string;
  productHint: string;
  background: string;
  backgroundHint: string;
  trigger: string;
  triggerHint: string;
  origin: string;
  originHint: string;
  optional: string;
  saved: string;
  teachNow: string;
  shoppers: string;
  noTrigger: string;
  noCards: string;
  asking: string;
  staleCards: string;
  created(name: string): string;
  renamed(name: string): string;
  deleteLabel: string;
  deleteHint: string;
  deleted(name: string, samples: number): string;
  gone: string;
  grade: Record<Grade, string>;
  gradeSpoken(word: string, percent: string): string;
  known(percent: string): string;
  nameTaken: string;
}

export interface CaptureStrings {
  hold: string;
  tooShort: string;
  take(count: number): string;
  stop: string;
  hint: string;
  taken(count: number): string;
  of(taken: number, count: number): string;
  blurred: string;
  similar: string;
  good: string;
  looking: string;
  dry: string;
  full: string;
}

interface SampleStrings {
  title: string;
  none: string;
  sample(number: number, time: string): string;
  noPicture: string;
  ignored: string;
  more: string;
  enlarged: string;
  taken(time: string): string;
  move: string;
  moveTitle: string;
  newer: string;
  older: string;
  deleted: string;
  moved(label: string): string;
  gone: string;
}

interface VerdictStrings {
  title: string;
  hint: string;
  none: string;
  pause: string;
  resume: string;
  fresh(count: number): string;
  paused: string;
  takenFor(what: string): string;
  which: string;
  likely: string;
  find: string;
  create(name: string): string;
  put(label: string): string;
  gone: string;
}

interface QualityStrings {
  title: string;
  headline(right: number, all: number): string;
  none: string;
  noneHint: string;
  how: string;
  all: string;
  confusions: string;
  confused(count: number, label: string, other: string): string;
  labels: string;
  numbers: string;
  reject: string;
  rejectHint: string;
  accept: string;
  acceptHint: string;
  advice: string;
  moreSamples: string;
  moreSamplesHint: string;
  moreVariety: string;
  moreVarietyHint: string;
  taken(percent: string, other: string): string;
  takenHint: string;
  fine: string;
}

interface ChangeStrings {
  title: string;
  hint: string;
  none: string;
  kinds: Record<ChangeKind, string>;
  takenBack: string;
  undo: string;
  undone(what: string): string;
  nothing: string;
  other: string;
  show: string;
  purge: string;
  purgeHint: string;
  purgeTitle: string;
  purgeText: string;
  purgeNow: string;
  purged(labels: number, samples: number): string;
}

export interface DataStrings {
  title: string;
  exportTitle: string;
  exportHint: string;
  export: string;
  importTitle: string;
  importHint: string;
  choose: string;
  sending(percent: string): string;
  reading: string;
  result(labels: number, samples: number): string;
  known(count: number): string;
  pending(count: number): string;
  ignored(count: number): string;
  tooLarge: string;
  broken: string;
}

interface DeviceStrings {
  title: string;
  model: string;
  modelId: string;
  runsOn: string;
  accelerator: Record<"CPU" | "EDGE_TPU" | "UNKNOWN", string>;
  detail: string;
  version: string;
  away: string;
  models: string;
  modelsHint: string;
  inUse: string;
  use: string;
  used(what: string): string;
  cameras: string;
  noCameras: string;
  states: Record<CameraState, string>;
  auto: string;
  autoHint: string;
  gallery: string;
  labelCount: string;
  sampleCount: string;
  ignoredCount: string;
  pending(count: number): string;
  pages: string;
  kiosk: string;
  space: string;
  status: string;
}
