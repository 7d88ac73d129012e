// How far a capture has come. Pure, so that every line the server may send can be tested.

import { isObject, number, text, type Json } from "../../server/json";
import { parseSample, type Sample } from "../contract/label";

/** What became of the newest frame. */
export type Step = "looking" | "taken" | "blurred" | "similar";

export interface Progress {
  /** How many were asked for. */
  wanted: number;
  taken: number;
  blurred: number;
  similar: number;
  step: Step;
}

export const begin = (wanted: number): Progress => ({ wanted, taken: 0, blurred: 0, similar: 0, step: "looking" });

export interface Line {
  taken: number;
  blurred: number;
  similar: number;
  sample: Sample | null;
}

export function parseLine(line: Json): Line {
  const { captured, skipped_blurred, skipped_similar, sample } = line;
  return {
    taken: number(captured),
    blurred: number(skipped_blurred),
    similar: number(skipped_similar),
    sample: isObject(sample) && number(sample.id) > 0 ? parseSample(sample) : null,
  };
}

/** Whether a line tells that the capture has failed, rather than how far it is. */
export const isFailure = (line: Json): boolean => text(line.code) !== "";

/** Which counter has gone up says what became of the frame; a line that only ends the call changes none. */
export function advance(before: Progress, { taken, blurred, similar }: Line): Progress {
  const step =
    taken > before.taken
      ? "taken"
      : blurred > before.blurred
        ? "blurred"
        : similar > before.similar
          ? "similar"
          : before.step;
  return { ...before, taken, blurred, similar, step };
}

/** Why it is over, in what is worth saying of it. */
export type Ending = "full" | "dry" | "released" | "short";

/** A press shorter than this was a tap. */
export const TAP_MS = 350;

export function endingOf({ taken, wanted }: Progress, released: boolean, lastedMs: number): Ending {
  if (taken >= wanted) return "full";
  if (!released) return "dry";
  return taken === 0 && lastedMs < TAP_MS ? "short" : "released";
}
