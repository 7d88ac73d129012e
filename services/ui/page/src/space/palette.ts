// Which colour a label has: it follows from its id, so that it stays while other labels come and go.

import type { SpaceLabel } from "./contract";

/**
 * Far apart on black, also for eyes that tell red and green or see red badly; the first ones the farthest: chosen one
 * after the other, each as far as can be in OKLab from those before, from grey and from white.
 */
export const COLOURS = [
  "#f8b14e", "#7b71fc", "#13c7f4", "#ec5c84", "#96f3b9", "#de5a18", "#fed917", "#9ce9fd",
  "#9891d6", "#1bd7be", "#f98b6e", "#7dfc7f", "#ad6fb2", "#cccc8f", "#b958d6", "#d79127",
  "#888f55", "#8abd93", "#6897fe", "#c39ecf", "#54b456", "#ce7cb0", "#fa99f2", "#feacc5",
  // What is no product.
  "#8a8a8f",
] as const; // prettier-ignore

/** Of a label that is no product. */
export const GREY = COLOURS.length - 1;

export const colour = (slot: number): string => COLOURS[slot] ?? "#fff";

/** Three numbers from 0 to 1 for each colour. */
export const channels = (): number[] =>
  COLOURS.flatMap((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255));

/**
 * Label id → place in COLOURS. Ids count up, so that as many labels as there are colours differ; where two ask for
 * the same one, the later label takes the next that is free. Labels keep what they had `before`.
 */
export function assignColours(labels: readonly SpaceLabel[], before: ReadonlyMap<number, number>): Map<number, number> {
  const slots = new Map<number, number>();
  const taken = new Set<number>();
  const give = (id: number, slot: number) => {
    slots.set(id, slot);
    taken.add(slot);
  };
  const fresh: number[] = [];
  for (const { id, background } of labels) {
    const had = before.get(id);
    if (background) slots.set(id, GREY);
    else if (had !== undefined && had !== GREY) give(id, had);
    else fresh.push(id);
  }
  for (const id of fresh.sort((a, b) => a - b)) {
    const wanted = (((id - 1) % GREY) + GREY) % GREY;
    let slot = wanted;
    while (taken.has(slot)) {
      slot = (slot + 1) % GREY;
      if (slot === wanted) break;
    }
    give(id, slot);
  }
  return slots;
}
