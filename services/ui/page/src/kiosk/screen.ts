// What is on the screen, worked out from what happened. Pure, so that every case can be tested.

import type { Component, Label, MirrorEvent, Offers, ProductCard, State } from "./contract";

export interface Screen {
  /** False from the moment the server is known to be out of reach. */
  connected: boolean;
  /** The last state the server told; kept while it is away, so that the screen can stay, paler. */
  last: MirrorEvent | null;
  /** Whether its offers have been out of date for so long that it is worth a word. */
  overdue: boolean;
}

export type Happening = { kind: "mirror"; event: MirrorEvent } | { kind: "lost" } | { kind: "overdue" };

export const START: Screen = { connected: false, last: null, overdue: false };

/** Offers that were kept are out of date for a moment each time they are fetched anew: nobody's business. */
export const OVERDUE_MS = 3_000;

export function reduce(screen: Screen, happening: Happening): Screen {
  switch (happening.kind) {
    case "mirror": {
      const next = { connected: true, last: withOffers(happening.event, screen), overdue: false };
      return { ...next, overdue: screen.overdue && staleKey(next) === staleKey(screen) };
    }
    case "lost":
      return { ...screen, connected: false };
    case "overdue":
      return { ...screen, overdue: staleKey(screen) !== null };
  }
}

/** Cards stay while others are on their way for the same scene: they are replaced, not taken away and brought back. */
function withOffers(event: MirrorEvent, before: Screen): MirrorEvent {
  if (event.offers || !before.last?.offers) return event;
  const same = sceneKey(sceneOf({ ...before, last: event })) === sceneKey(sceneOf(before));
  return same ? { ...event, offers: before.last.offers } : event;
}

export type Scene =
  | { kind: "blank" }
  | { kind: "idle" }
  | { kind: "looking" }
  | { kind: "teaching" }
  | { kind: "degraded"; away: Component[] }
  | { kind: "product"; label: Label; offers: Offers | null };

/** Without these the mirror sees nothing, or knows nothing about what it sees. */
const NEEDED: readonly Component[] = ["INFERENCE", "CAMERA", "GALLERY", "RECOMMENDER"];

export const seesNothing = (event: MirrorEvent): boolean =>
  event.away.includes("CAMERA") || event.away.includes("INFERENCE");

function productScene({ label, offers }: MirrorEvent): Scene | null {
  return label && { kind: "product", label, offers };
}

export function sceneOf(screen: Screen): Scene {
  const event = screen.last;
  if (!event) return { kind: "blank" };
  switch (event.state) {
    case "IDLE":
      return { kind: "idle" };
    case "LOOKING":
      return { kind: "looking" };
    case "TEACHING":
      return { kind: "teaching" };
    case "RECOGNISED":
      return productScene(event) ?? { kind: "looking" };
    case "DEGRADED": {
      // A mirror that only lacks, say, its accelerator still recognises: what works stays on the screen.
      const works = event.away.length > 0 && !event.away.some((component) => NEEDED.includes(component));
      return (works && productScene(event)) || { kind: "degraded", away: event.away };
    }
  }
}

/** Two screens with the same key are the same scene to the eye: nothing enters anew. */
export function sceneKey(scene: Scene): string {
  return scene.kind === "product" ? `product ${scene.label.id} ${scene.label.name}` : scene.kind;
}

/** The cards that a scene shows. */
export const cardsOf = (scene: Scene): ProductCard[] => (scene.kind === "product" && scene.offers?.cards) || [];

/** Nobody is there, as far as the mirror can tell: what lets the screen go dark after a while. */
export const isAtRest = (screen: Screen): boolean =>
  !screen.connected || ["blank", "idle", "degraded"].includes(sceneOf(screen).kind);

/** The scene whose cards are out of date; null when none are. */
export function staleKey(screen: Screen): string | null {
  const scene = sceneOf(screen);
  return scene.kind === "product" && scene.offers?.stale && cardsOf(scene).length > 0 ? sceneKey(scene) : null;
}

/** The one quiet line under the cards; null when there is nothing to say. */
export function noteOf(screen: Screen): "stale" | "offersAway" | null {
  const event = screen.last;
  const scene = sceneOf(screen);
  if (!event || scene.kind !== "product") return null;
  if (screen.overdue) return "stale";
  // Nothing to sell yet is no fault: only when the source of the offers is away is it worth a word.
  if (cardsOf(scene).length === 0 && event.away.includes("PROVIDER")) return "offersAway";
  return null;
}

/** The word in `data-state`. */
export function stateName(screen: Screen): Lowercase<State> | "connecting" {
  if (!screen.connected || !screen.last) return "connecting";
  return screen.last.state.toLowerCase() as Lowercase<State>;
}
