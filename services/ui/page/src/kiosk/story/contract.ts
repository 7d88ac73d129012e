// How the mirror knows one of its products, as the server tells it.

import { isObject, list, parseObject, text } from "../../server/json";
import { parseId, parseOffers, type ProductCard } from "../contract";

export interface Candidate {
  name: string;
  /** Cosine similarity, -1 to 1. */
  score: number;
}

export interface Story {
  sampleId: number;
  name: string;
  embedding: Float32Array;
  /** Best first. */
  candidates: Candidate[];
  cards: ProductCard[];
}

/** More bars, or more small cards, say no more. */
const MOST_CANDIDATES = 4;
const MOST_CARDS = 4;

/** null: nothing that could be told. */
export function parseStory(data: string): Story | null {
  const told = parseObject(data);
  const sampleId = parseId(told?.sample_id);
  const name = isObject(told?.label) ? text(told.label.name) : "";
  const embedding = parseNumbers(told?.embedding);
  if (sampleId === 0 || name === "" || !embedding) return null;
  const cards = parseOffers(told?.recommendations)?.cards ?? [];
  return { sampleId, name, embedding, candidates: parseCandidates(told?.candidates), cards: cards.slice(0, MOST_CARDS) };
}

function parseNumbers(value: unknown): Float32Array | null {
  const whole = Array.isArray(value) && value.length > 0 && value.every((number) => Number.isFinite(number));
  return whole ? Float32Array.from(value) : null;
}

function parseCandidates(value: unknown): Candidate[] {
  const candidates = list(value).flatMap(({ label_name, score }) => {
    const name = text(label_name);
    return name !== "" && typeof score === "number" ? [{ name, score }] : [];
  });
  return candidates.slice(0, MOST_CANDIDATES);
}
