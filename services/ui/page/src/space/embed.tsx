// What other pages embed, fetched by them when they need it.

import type { Code } from "../language/choose";
import { deSpace } from "../strings/de/space";
import { enSpace } from "../strings/en/space";
import type { SpaceStrings } from "../strings/space";

export { SpaceView, type SpaceViewProps } from "./space-view";

/** So that a page need not carry them until it embeds the space. */
export const spaceStrings: Record<Code, SpaceStrings> = { en: enSpace, de: deSpace };
