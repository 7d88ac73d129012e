import type { SpaceStrings } from "../space";

export const enSpace: SpaceStrings = {
  title: "Embedding space · Smart mirror",
  heading: "Every dot is a picture this mirror was taught",
  howToRead:
    "What looks alike to the mirror lies close together. The white dot is what the camera sees now: inside the sphere when it is recognised, outside when it isn’t.",
  labels: (count, formatted) => `${formatted} ${count === 1 ? "label" : "labels"}`,
  samples: (count, formatted) => `${formatted} ${count === 1 ? "picture" : "pictures"}`,
  part: (shown, all) => `showing ${shown} of ${all} pictures`,
  explained: (percent) => `These three axes show ${percent} of the differences`,
  unknown: "Not known: outside",
  spoken: (label) => `Recognised: ${label}`,
  picture: (labels) => `The embedding space, in three dimensions: ${labels}`,
  legend: "Labels and their pictures",
  empty: "Nothing taught yet",
  emptyHint: "Each picture of a product that is taught appears here as a dot",
  flat: "A simpler drawing, as this browser has no 3D graphics",
  turn: "Drag or arrow keys to turn, + and − to zoom",
  touch: "Drag to turn, pinch to zoom",
  back: "To the mirror",
  connecting: "Connecting …",
  reconnecting: "Reconnecting …",
  silent: "The mirror isn't recognising at the moment. It goes on by itself.",
};
