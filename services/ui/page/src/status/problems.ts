// What isn't well, worked out from a report.

import type { Degradation, Report } from "./report";

/** The gravest first. The last ones are this page's own. */
export const PROBLEMS = [
  "RECOMMENDER",
  "INFERENCE",
  "CAMERA",
  "DATABASE",
  "GALLERY",
  "DISK",
  "PROVIDER",
  "ACCELERATOR",
  "VERSIONS",
  "OTHER",
] as const;
export type ProblemKind = (typeof PROBLEMS)[number];

export interface Problem {
  kind: ProblemKind;
  /** The server's own words, or ""; they are English. */
  message: string;
  /** By the mirror's clock; null: the report doesn't say. */
  since: number | null;
}

/** `down`: nothing is recognised. `limited`: something less is missing. */
export type Severity = "well" | "limited" | "down";

/** Teaching needs room, and so does the operating system. */
export const DISK_LOW_BYTES = 500e6;

const BLOCKING: readonly ProblemKind[] = ["RECOMMENDER", "INFERENCE", "CAMERA", "GALLERY"];

interface Versions {
  ui: string;
  recommender: string | null;
  inference: string | null;
}

const versionsOf = ({ ui, recommender, inference }: Report): Versions => ({
  ui: ui.version,
  recommender: recommender && recommender.version,
  inference: inference && inference.version,
});

/** "ui 2, recommender 1, inference 2"; "" where all that run are the same. */
export function mismatch(versions: Versions): string {
  const told = Object.entries(versions).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const same = new Set(told.map(([, version]) => version)).size <= 1;
  return same ? "" : told.map(([name, version]) => `${name} ${version}`).join(", ");
}

function fromDegradation({ component, message, since }: Degradation): Problem {
  const kind = PROBLEMS.find((known) => known === component) ?? "OTHER";
  return { kind, message: kind === "OTHER" ? [component, message].filter(Boolean).join(": ") : message, since };
}

/** At most one of each kind, but of OTHER; the gravest first. */
export function problemsOf(report: Report): Problem[] {
  const { recommender, inference, cameras } = report;
  const found = (recommender?.degradations ?? []).map(fromDegradation);
  const add = (kind: ProblemKind, applies: boolean, message = "") => {
    if (applies && !found.some((problem) => problem.kind === kind)) found.push({ kind, message, since: null });
  };
  add("RECOMMENDER", recommender === null);
  add("INFERENCE", inference === null);
  const failed = cameras.find((camera) => camera.selected && camera.state === "FAILED");
  add("CAMERA", failed !== undefined, failed?.problem);
  const free = recommender?.diskFreeBytes ?? null;
  add("DISK", free !== null && free < DISK_LOW_BYTES);
  const versions = mismatch(versionsOf(report));
  add("VERSIONS", versions !== "", versions);
  return found.sort((a, b) => PROBLEMS.indexOf(a.kind) - PROBLEMS.indexOf(b.kind));
}

export function severityOf(report: Report, problems: readonly Problem[]): Severity {
  if (problems.length === 0) return "well";
  // The state knows more than the list: a database may be unreadable, or only read-only.
  const blocked = report.recommender?.state === "DEGRADED" || problems.some(({ kind }) => BLOCKING.includes(kind));
  return blocked ? "down" : "limited";
}

/** Nothing is wrong with a mirror that was taught nothing, but it can't recognise anything either. */
export const untaught = ({ gallery }: Report): boolean => gallery !== null && gallery.samples + gallery.pending === 0;
