// What the server tells this page, and the one place where its JSON is looked at. What gets past
// `parseMirror` is complete: nothing behind it has to ask whether a field is there.

import { isObject, list, parseObject, text } from "../server/json";

export const STATES = ["IDLE", "LOOKING", "RECOGNISED", "TEACHING", "DEGRADED"] as const;
export type State = (typeof STATES)[number];

export const COMPONENTS = ["INFERENCE", "CAMERA", "ACCELERATOR", "PROVIDER", "DATABASE", "GALLERY", "RECOMMENDER"] as const;
export type Component = (typeof COMPONENTS)[number];

export interface Label {
  id: string;
  name: string;
  /** 0 to 1; null where the server gave none. */
  confidence: number | null;
}

export interface ProductCard {
  productId: string;
  name: string;
  imageUrl: string;
  price: string;
  currency: string;
}

export interface Offers {
  cards: ProductCard[];
  stale: boolean;
}

export interface MirrorEvent {
  state: State;
  label: Label | null;
  /** null: still on their way. */
  offers: Offers | null;
  away: Component[];
}

/** More do not fit on a screen that is read from two metres. */
export const MOST_CARDS = 6;

function parseLabel(value: unknown): Label | null {
  if (!isObject(value) || value.outcome !== "KNOWN") return null;
  const name = text(value.label_name);
  if (name === "") return null;
  const { confidence } = value;
  return {
    id: text(value.label_id),
    name,
    confidence: typeof confidence === "number" && confidence > 0 ? Math.min(confidence, 1) : null,
  };
}

/** Items without a name, and second items of one product, would only be a hole or an echo on the screen. */
function parseCards(value: unknown): ProductCard[] {
  const cards = new Map<string, ProductCard>();
  for (const item of list(value)) {
    const name = text(item.name);
    if (name === "") continue;
    const productId = text(item.product_id);
    const key = productId || name;
    if (cards.has(key)) continue;
    cards.set(key, {
      productId,
      name,
      imageUrl: text(item.image_url),
      price: text(item.price),
      currency: text(item.currency),
    });
  }
  return [...cards.values()].slice(0, MOST_CARDS);
}

function parseOffers(value: unknown): Offers | null {
  if (!isObject(value)) return null;
  return { cards: parseCards(value.items), stale: value.freshness === "STALE" };
}

function parseAway(value: unknown): Component[] {
  const named = new Set(list(value).map((degradation) => degradation.component));
  return COMPONENTS.filter((component) => named.has(component));
}

/** The state of the mirror, or null when the text is none this page understands. */
export function parseMirror(data: string): MirrorEvent | null {
  const event = parseObject(data);
  const state = STATES.find((known) => known === event?.state);
  if (!event || !state) return null;
  return {
    state,
    label: parseLabel(event.recognition),
    offers: parseOffers(event.recommendations),
    away: parseAway(event.degradations),
  };
}
