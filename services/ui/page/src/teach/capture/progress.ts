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
  /** The server has said that nothing new comes. */
  dry: boolean;
}

export const begin = (wanted: number): Progress => ({ wanted, taken: 0, blurred: 0, similar: 0, step: "looking", dry: false });

/** Frames that were looked at. */
export const seen = ({ taken, blurred, similar }: Pick<Progress, "taken" | "blurred" | "similar">): number =>
  taken + blurred + similar;

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

/** Which counter has gone up says what became of the frame; the line that ends a call for want of new ones changes none. */
export function advance(before: Progress, { taken, blurred, similar }: Line): Progress {
  const step =
    taken > before.taken
      ? "taken"
      : blurred > before.blurred
        ? "blurred"
        : similar > before.similar
          ? "similar"
          : before.step;
  const dry = seen({ taken, blurred, similar }) === seen(before);
  return { ...before, taken, blurred, similar, step, dry };
}

/** Why it is over, in what is worth saying of it; "cut": the server has broken off. */
export type Ending = "full" | "dry" | "cut" | "released" | "short";

/** A press shorter than this was a tap. */
export const TAP_MS = 350;

export function endingOf({ taken, wanted, dry }: Progress, released: boolean, lastedMs: number): Ending {
  if (taken >= wanted) return "full";
  if (!released) return dry ? "dry" : "cut";
  return taken === 0 && lastedMs < TAP_MS ? "short" : "released";
}
