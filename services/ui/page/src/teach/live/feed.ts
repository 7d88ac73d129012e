// The last verdicts. Apart from the rest of the page's state: they come twice a second, and only few views care.

import type { Verdict } from "../contract/verdict";

/** As many as the server keeps. */
export const KEPT = 50;

export type Link = "connecting" | "live" | "quiet";

export interface Verdicts {
  link: Link;
  /** Newest first. */
  verdicts: readonly Verdict[];
}

/** Whether the server still has it: it keeps the newest, and numbers them one by one. */
export const kept = (id: number, newest: number): boolean => id > newest - KEPT;

export class Feed {
  #now: Verdicts = { link: "connecting", verdicts: [] };
  readonly #listeners = new Set<() => void>();

  get now(): Verdicts {
    return this.#now;
  }

  add(verdict: Verdict): void {
    const before = this.#now.verdicts;
    // A recommender that was started anew counts from one again, and has forgotten the ones before.
    const anew = before[0] !== undefined && verdict.id <= before[0].id;
    this.#set({ link: "live", verdicts: [verdict, ...(anew ? [] : before)].slice(0, KEPT) });
  }

  /** The server forgets its verdicts when nobody is teaching. */
  reset(): void {
    this.#set({ link: "connecting", verdicts: [] });
  }

  quiet(): void {
    this.#set({ ...this.#now, link: "quiet" });
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(now: Verdicts): void {
    this.#now = now;
    for (const listener of this.#listeners) listener();
  }
}
