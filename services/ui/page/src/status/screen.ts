// What the page knows, worked out from the answers to its polls. Pure, so that every case can be tested.

import { problemsOf, severityOf, type Problem, type Severity } from "./problems";
import type { Report } from "./report";

export interface SeenProblem extends Problem {
  since: number;
  /** The report doesn't say since when: this page has seen it since then. */
  noticed: boolean;
}

export interface Screen {
  /** The newest; kept while the ui service is away, so that the page can stay, dimmed. */
  report: Report | null;
  /** When it came, by this device's clock. */
  heardAt: number;
  /** Polls in a row that brought nothing. */
  failures: number;
  severity: Severity;
  problems: SeenProblem[];
  /** Since when this page has seen that all is well, by the mirror's clock. */
  wellSince: number | null;
}

export type Happening = { kind: "report"; report: Report; now: number } | { kind: "failed" };
export type Health = "well" | "degraded" | "unknown";

export const START: Screen = { report: null, heardAt: 0, failures: 0, severity: "well", problems: [], wellSince: null };

/** What was well before and after a longer gap need not have been well in it. */
export const GAP_MS = 30_000;

export function reduce(screen: Screen, happening: Happening): Screen {
  if (happening.kind === "failed") return { ...screen, failures: screen.failures + 1 };
  const { report, now } = happening;
  const at = report.at ?? now;
  const found = problemsOf(report);
  const severity = severityOf(report, found);
  const gap = now - screen.heardAt > GAP_MS;
  return {
    report,
    heardAt: now,
    failures: 0,
    severity,
    problems: found.map((problem) => seen(problem, screen.problems, at)),
    wellSince: severity === "well" ? ((gap ? null : screen.wellSince) ?? at) : null,
  };
}

function seen(problem: Problem, before: readonly SeenProblem[], at: number): SeenProblem {
  if (problem.since !== null) return { ...problem, since: problem.since, noticed: false };
  const known = before.find(({ kind, noticed }) => noticed && kind === problem.kind);
  return { ...problem, since: known?.since ?? at, noticed: true };
}

/** One poll that fails is a hiccup, unless there is nothing to show in the meantime. */
export const isLost = ({ failures, report }: Screen): boolean => failures >= (report ? 2 : 1);

export function healthOf(screen: Screen): Health {
  if (screen.report === null || isLost(screen)) return "unknown";
  return screen.severity === "well" ? "well" : "degraded";
}

/** The time on the mirror when it is `now` on this device. */
export const mirrorTime = ({ report, heardAt }: Screen, now: number): number => (report?.at ?? heardAt) + (now - heardAt);

/** Another process of the ui service than before may bring another page. */
export const isAnother = (before: Report | null, report: Report): boolean =>
  before !== null && before.ui.startedAt !== report.ui.startedAt;
