// Tells stories, one after the other, with the bare invitation between them.

import { Backoff } from "../../server/backoff";
import { wait } from "../../server/wait";
import type { Story } from "./contract";
import { stepsOf, type Step } from "./steps";

/** Those who only pass by should see the invitation, and nobody a story that begins in their face. */
export const REST_MS = 5_000;

export interface Told {
  story: Story;
  step: Step;
}

interface StoryOptions {
  stepMs: number;
  signal: AbortSignal;
  /** A story that can be shown at once, with its picture; null: there is none. */
  load(signal: AbortSignal): Promise<Story | null>;
  /** null: the invitation alone. */
  show(told: Told | null): void;
  sleep?(ms: number, signal: AbortSignal): Promise<void>;
}

/** Until `signal` is aborted; nothing is shown from then on. */
export async function tellStories({ stepMs, signal, load, show, sleep = wait }: StoryOptions): Promise<void> {
  const backoff = new Backoff(10_000, 300_000);
  const rest = Math.min(REST_MS, stepMs);
  await sleep(rest, signal);
  while (!signal.aborted) {
    const story = await load(signal).catch(() => null);
    if (signal.aborted) return;
    if (!story) {
      await sleep(backoff.next(), signal);
      continue;
    }
    backoff.reset();
    for (const step of stepsOf(story)) {
      show({ story, step });
      await sleep(stepMs, signal);
      if (signal.aborted) return;
    }
    show(null);
    await sleep(rest, signal);
  }
}
