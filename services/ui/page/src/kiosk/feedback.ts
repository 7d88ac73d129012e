// What the shop is told of what visitors saw and touched. Pure; interactions.ts sends it.

import type { Label, ProductCard } from "./contract";
import { cardsOf, sceneKey, type Scene } from "./screen";

export interface Interaction {
  kind: "IMPRESSION" | "CLICK";
  labelId: number;
  productIds: string[];
}

/** null where it could not be said of which label, or of which product. */
function interaction(kind: Interaction["kind"], label: Label, cards: ProductCard[]): Interaction | null {
  const labelId = Number(label.id);
  const productIds = cards.map((card) => card.productId).filter((id) => id !== "");
  return Number.isSafeInteger(labelId) && labelId > 0 && productIds.length > 0 ? { kind, labelId, productIds } : null;
}

export const click = (label: Label, card: ProductCard): Interaction | null => interaction("CLICK", label, [card]);

/** Says when cards have come up, once for each time: the same products in another order, or at another price, have not. */
export class Impressions {
  #shown = "";
  #untold: Interaction | null = null;

  /** The document now has `scene`. */
  drawn(scene: Scene): void {
    const impression = scene.kind === "product" ? interaction("IMPRESSION", scene.label, cardsOf(scene)) : null;
    const shown = impression ? JSON.stringify([sceneKey(scene), [...impression.productIds].sort()]) : "";
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#untold = impression;
  }

  /** The document was painted where somebody can see it: what there is to tell of that. */
  seen(): Interaction | null {
    const untold = this.#untold;
    this.#untold = null;
    return untold;
  }
}
