// Which verdicts are shown while somebody reaches for one: the list holds still, and those that come wait. Pure.

import type { Verdict } from "../contract/verdict";
import { kept } from "../live/feed";

/** null: the list flows. */
export type Frozen = readonly Verdict[] | null;

export interface Shown {
  verdicts: readonly Verdict[];
  /** How many have come since. */
  waiting: number;
}

export function shownOf(all: readonly Verdict[], frozen: Frozen): Shown {
  if (!frozen) return { verdicts: all, waiting: 0 };
  const newest = frozen[0]?.id ?? 0;
  return { verdicts: frozen, waiting: all.filter(({ id }) => id > newest).length };
}

/** Whether a verdict can still be made a sample. */
export const correctable = (verdict: Verdict, all: readonly Verdict[]): boolean =>
  kept(verdict.id, all[0]?.id ?? verdict.id);
