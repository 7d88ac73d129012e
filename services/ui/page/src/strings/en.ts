import type { Strings } from "./types";

export const en: Strings = {
  title: "Smart mirror",
  idle: "Hold a product up to the mirror",
  idleHint: "and see what goes with it",
  looking: "Looking …",
  teaching: "Learning …",
  teachingHint: "Turn the product a little",
  recognised: "You are holding",
  sure: (percent) => `${percent} sure`,
  spoken: (label) => `Recognised: ${label}`,
  cards: "Recommended products",
  preview: "What the mirror sees",
  stale: "Offers may be out of date",
  offersAway: "Offers will be back in a moment",
  degraded: "One moment, please",
  away: {
    INFERENCE: "Recognition is pausing",
    CAMERA: "The camera is away",
    ACCELERATOR: "Recognition is a little slower than usual",
    PROVIDER: "Offers can't be reached",
    DATABASE: "The product memory can't be reached",
    RECOMMENDER: "Recommendations are pausing",
  },
  comesBack: "The mirror will be back by itself",
  connecting: "Connecting …",
  reconnecting: "Reconnecting …",
};
