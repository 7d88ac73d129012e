// What the server tells this page, and the one place where its JSON is looked at. What gets past
// `parseMirror` is complete: nothing behind it has to ask whether a field is there.

import { isObject, list, parseObject, text } from "../server/json";

const STATES = ["IDLE", "LOOKING", "RECOGNISED", "TEACHING", "DEGRADED"] as const;
export type State = (typeof STATES)[number];

const COMPONENTS = ["INFERENCE", "CAMERA", "ACCELERATOR", "PROVIDER", "DATABASE", "GALLERY", "RECOMMENDER"] as const;
export type Component = (typeof COMPONENTS)[number];

export interface Label {
  id: string;
  name: string;
  /** 0 to 1; null where the server gave none. */
  confidence: number | null;
  /** The taught picture that is most like what the camera saw; 0: none is known. */
  nearestSampleId: number;
}

export interface ProductCard {
  productId: string;
  name: string;
  imageUrl: string;
  /** Where it is sold, for a phone to go there; "": nowhere that a code could lead to. */
  targetUrl: string;
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

/** A code of more letters has modules too fine for a phone's camera. */
export const LONGEST_TARGET = 300;

function parseLabel(value: unknown): Label | null {
  if (!isObject(value) || value.outcome !== "KNOWN") return null;
  const name = text(value.label_name);
  if (name === "") return null;
  const { confidence } = value;
  return {
    id: text(value.label_id),
    name,
    confidence: typeof confidence === "number" && confidence > 0 ? Math.min(confidence, 1) : null,
    nearestSampleId: parseId(value.nearest_sample_id),
  };
}

/** 0 for what is no id. */
export const parseId = (value: unknown): number => (Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 0);

/** Only pages of the web: a phone that scans a code asks nobody before it opens something else. */
function parseTarget(value: unknown): string {
  const address = text(value);
  if (!URL.canParse(address)) return "";
  const url = new URL(address);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "";
  // As the browser writes it: letters beyond ASCII may have grown.
  return url.href.length <= LONGEST_TARGET ? url.href : "";
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
      targetUrl: parseTarget(item.target_url),
      price: text(item.price),
      currency: text(item.currency),
    });
  }
  return [...cards.values()].slice(0, MOST_CARDS);
}

export function parseOffers(value: unknown): Offers | null {
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
