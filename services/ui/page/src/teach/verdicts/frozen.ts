// Which verdicts are shown while somebody reaches for one: the list holds still, and those that come wait. Pure.

import type { Seen } from "../live/feed";

/** null: the list flows. */
export type Frozen = readonly Seen[] | null;

export interface Shown {
  verdicts: readonly Seen[];
  /** How many have come since. */
  waiting: number;
}

export function shownOf(all: readonly Seen[], frozen: Frozen): Shown {
  if (!frozen) return { verdicts: all, waiting: 0 };
  const newest = frozen[0];
  const since = ({ id, epoch }: Seen) => !newest || epoch !== newest.epoch || id > newest.id;
  return { verdicts: frozen, waiting: all.filter(since).length };
}
