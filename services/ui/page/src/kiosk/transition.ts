const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** From the start of a fade until what it fades to is drawn: a frame. */
let waiting = false;

/**
 * Has `draw` make the page what it is to be now; with `fade` as a cross-fade, where the browser can. The old screen
 * fades out as a picture, so the document itself never holds two scenes.
 */
export function show(draw: () => void, fade: boolean): void {
  // What the fade draws is the newest there is then; drawn before, the fade would start from it.
  if (waiting) return;
  if (!fade || calm.matches || !("startViewTransition" in document)) {
    draw();
    return;
  }
  waiting = true;
  const transition = document.startViewTransition(() => {
    waiting = false;
    draw();
  });
  // The next change may cut a fade short: that is wanted, not an error.
  transition.ready.catch(() => undefined);
  transition.finished.catch(() => undefined);
}
