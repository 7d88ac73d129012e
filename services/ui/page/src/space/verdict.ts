// The verdict in words.

import { formatPercent } from "../language/format";
import type { SpaceStrings } from "../strings/space";
import type { Verdict } from "./contract";

export function verdictWords(verdict: Verdict, strings: SpaceStrings, locale: string): string {
  switch (verdict.outcome) {
    case "KNOWN":
    case "BACKGROUND":
      return `${verdict.name} · ${formatPercent(verdict.confidence, locale)}`;
    case "UNKNOWN":
      return strings.unknown;
    case "UNTRAINED":
      return strings.empty;
  }
}

/** What a screen reader is told: without the percentage, which changes all the time. */
const spokenWords = (verdict: Verdict, strings: SpaceStrings): string =>
  "name" in verdict ? strings.spoken(verdict.name) : verdictWords(verdict, strings, "en");

/** Verdicts that hold for less than this are not worth a word. */
export const HOLDS_MS = 1_000;

/** Says a verdict once it has held for a while, and is another one than was said last. */
export class Announcer {
  #words = "";
  #since = 0;

  constructor(private readonly strings: SpaceStrings) {}

  /** Nothing was seen for a while: what comes then is said, even if it is what was said last. */
  pause(): void {
    this.#words = "";
  }

  /** The words if they have held until `now`; else null. */
  hear(verdict: Verdict, now: number): string | null {
    const words = spokenWords(verdict, this.strings);
    if (words !== this.#words) {
      this.#words = words;
      this.#since = now;
    }
    return now - this.#since >= HOLDS_MS ? words : null;
  }
}
