// What a story is told in: one thing at a time.

import type { Story } from "./contract";

const STEPS = ["picture", "embedding", "nearest", "recommendation"] as const;
export type Step = (typeof STEPS)[number];

/** The steps there is something to show for. */
export function stepsOf(story: Story): Step[] {
  const empty: Partial<Record<Step, boolean>> = {
    nearest: story.candidates.length === 0,
    recommendation: story.cards.length === 0,
  };
  return STEPS.filter((step) => !empty[step]);
}
