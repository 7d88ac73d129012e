// What the mirror made of a frame.

import { isObject, list, number, parseObject, text } from "../../server/json";

const OUTCOMES = ["KNOWN", "UNKNOWN", "BACKGROUND", "UNTRAINED"] as const;
type Outcome = (typeof OUTCOMES)[number];

export interface Candidate {
  labelId: number;
  name: string;
}

export interface Verdict {
  id: number;
  at: string;
  outcome: Outcome;
  labelId: number;
  name: string;
  /** 0 to 1: how sure it is of the first candidate. */
  confidence: number;
  /** Best first. */
  candidates: Candidate[];
  /** The frame; null where it could not be read. */
  picture: Blob | null;
}

/** Base64 to a picture. Not by fetching a data: address, which the page's policy forbids. */
export function parsePicture(base64: unknown): Blob | null {
  if (typeof base64 !== "string" || base64 === "") return null;
  try {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return new Blob([bytes], { type: "image/jpeg" });
  } catch {
    return null;
  }
}

export function parseVerdict(data: string): Verdict | null {
  const verdict = parseObject(data);
  const recognition = verdict?.recognition;
  if (!verdict || !isObject(recognition)) return null;
  const outcome = OUTCOMES.find((known) => known === recognition.outcome);
  const id = number(verdict.id);
  if (!outcome || id <= 0) return null;
  return {
    id,
    at: text(verdict.captured_at),
    outcome,
    labelId: number(recognition.label_id),
    name: text(recognition.label_name),
    confidence: Math.min(Math.max(number(recognition.confidence), 0), 1),
    candidates: list(recognition.candidates).map((one) => ({
      labelId: number(one.label_id),
      name: text(one.label_name),
    })),
    picture: parsePicture(verdict.picture),
  };
}
