// Which of the two drawings this browser can show. The one for the graphics card is large, and only fetched where there
// is one.

import type { Drawing } from "./drawing";
import { Flat } from "./flat";

/** Every colour is drawn on black, nothing hides anything else, and points are soft by themselves. */
const ATTRIBUTES: WebGLContextAttributes = { alpha: false, antialias: false, depth: false, stencil: false };

export const openFlat = (): Drawing => new Flat(document.createElement("canvas"));

export async function openDrawing(): Promise<Drawing> {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("webgl2", ATTRIBUTES);
  if (!context) return openFlat();
  try {
    const { View3d } = await import("./view3d");
    return new View3d(canvas, context);
  } catch {
    context.getExtension("WEBGL_lose_context")?.loseContext();
    return openFlat();
  }
}
