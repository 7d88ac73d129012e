// How well a label is known, in a word.

import type { Label } from "../contract/label";

export type Grade = "good" | "fair" | "more" | "empty" | "pending";

const GOOD = 0.9;
const FAIR = 0.7;

export function gradeOf({ samples, quality }: Pick<Label, "samples" | "quality">): Grade {
  if (samples === 0) return "empty";
  if (!quality) return "pending";
  if (quality.accuracy < FAIR || quality.reasons.some(({ kind }) => kind === "MORE_SAMPLES")) return "more";
  return quality.accuracy >= GOOD && quality.reasons.length === 0 ? "good" : "fair";
}

const ORDER: readonly Grade[] = ["more", "fair", "pending", "empty", "good"];

/** Those that need it most first. */
export function byNeed(labels: readonly Label[]): Label[] {
  const rank = (label: Label) => ORDER.indexOf(gradeOf(label));
  return [...labels].sort((a, b) => rank(a) - rank(b) || (a.quality?.accuracy ?? 0) - (b.quality?.accuracy ?? 0));
}

/** Whether a judgement is still to come. */
export const judging = (labels: readonly Label[]): boolean => labels.some((label) => gradeOf(label) === "pending");

/** The labels with these words in their names, in any case. */
export function search(labels: readonly Label[], words: string): Label[] {
  const wanted = words.trim().toLocaleLowerCase();
  return labels.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
}

/** A search field is worth its place from here on. */
export const MANY = 8;
