// The last verdicts. Apart from the rest of the page's state: they come twice a second, and only few views care.

import type { Verdict } from "../contract/verdict";

/** As many as the server keeps. */
export const KEPT = 50;

type Link = "connecting" | "live" | "quiet";

export interface Verdicts {
  link: Link;
  /** Newest first. */
  verdicts: readonly Seen[];
  /** Another one: the ids of the verdicts before mean nothing any more, or something else. */
  epoch: number;
}

/** Whether a verdict can still be made a sample. */
export const correctable = ({ id, epoch }: Seen, { verdicts, epoch: now }: Verdicts): boolean =>
  epoch === now && kept(id, verdicts[0]?.id ?? id);

/** A verdict and the time it is of: ids count from one again after each start of the recommender. */
export interface Seen extends Verdict {
  epoch: number;
}

/** Whether the server still has it: it keeps the newest, and numbers them one by one. */
const kept = (id: number, newest: number): boolean => id > newest - KEPT;

export class Feed {
  #now: Verdicts = { link: "connecting", verdicts: [], epoch: 0 };
  readonly #listeners = new Set<() => void>();

  get now(): Verdicts {
    return this.#now;
  }

  add(verdict: Verdict): void {
    const { verdicts } = this.#now;
    // A recommender that was started anew counts from one again, and has forgotten the ones before.
    const anew = verdicts[0] !== undefined && verdict.id <= verdicts[0].id;
    const epoch = this.#now.epoch + Number(anew);
    this.#set({ link: "live", verdicts: [{ ...verdict, epoch }, ...(anew ? [] : verdicts)].slice(0, KEPT), epoch });
  }

  /** The stream begins: the server forgets its verdicts when nobody is teaching. */
  reset(): void {
    this.#set({ link: "connecting", verdicts: [], epoch: this.#now.epoch + 1 });
  }

  has(verdict: Seen): boolean {
    return correctable(verdict, this.#now);
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
