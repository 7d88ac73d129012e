// What to say of a verdict.

import type { Verdict } from "../contract/verdict";
import { formatPercent } from "../../language/format";
import type { TeachStrings } from "../../strings/teach";

interface Said {
  what: string;
  /** Beside it: how sure, or what it would be if anything; may be empty. */
  beside: string;
}

export function sayVerdict(
  { outcome, name, confidence, candidates }: Verdict,
  strings: TeachStrings,
  locale: string,
): Said {
  const { live } = strings;
  switch (outcome) {
    case "KNOWN":
      return { what: name, beside: formatPercent(confidence, locale) };
    case "BACKGROUND":
      return { what: name, beside: live.background };
    case "UNTRAINED":
      return { what: live.untrained, beside: "" };
    case "UNKNOWN": {
      const closest = candidates[0]?.name;
      return { what: live.unknown, beside: closest ? live.closest(closest) : "" };
    }
  }
}
