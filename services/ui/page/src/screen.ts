// What is on the screen, worked out from what happened. Pure, so that every case can be tested.

import type { Component, Label, MirrorEvent, Offers, State } from "./contract";

export interface Screen {
  /** False from the moment the server is known to be out of reach. */
  connected: boolean;
  /** The last state the server told; kept while it is away, so that the screen can stay, dimmed. */
  last: MirrorEvent | null;
}

export type Happening = { kind: "mirror"; event: MirrorEvent } | { kind: "lost" };

export const START: Screen = { connected: false, last: null };

export function reduce(screen: Screen, happening: Happening): Screen {
  switch (happening.kind) {
    case "mirror":
      return { connected: true, last: happening.event };
    case "lost":
      return { ...screen, connected: false };
  }
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

/** Two screens with the same key are the same scene to the eye; only a change of key is a cross-fade. */
export function sceneKey(scene: Scene): string {
  return scene.kind === "product" ? `product ${scene.label.id} ${scene.label.name}` : scene.kind;
}

/** The one quiet line under the cards; null when there is nothing to say. */
export function noteOf(screen: Screen): "stale" | "offersAway" | null {
  const event = screen.last;
  const scene = sceneOf(screen);
  if (!event || scene.kind !== "product") return null;
  if (scene.offers?.stale && scene.offers.cards.length > 0) return "stale";
  // Nothing to sell yet is no fault: only when the source of the offers is away is it worth a word.
  if (!scene.offers?.cards.length && event.away.includes("PROVIDER")) return "offersAway";
  return null;
}

/** The word in `data-state`. */
export function stateName(screen: Screen): Lowercase<State> | "connecting" {
  if (!screen.connected || !screen.last) return "connecting";
  return screen.last.state.toLowerCase() as Lowercase<State>;
}
