const calm = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Cross-fades to what `change` makes of the page, where the browser can. The old screen fades out as a picture,
 * so the document itself never holds two scenes.
 */
export function crossfade(change: () => void): void {
  if (calm.matches || !("startViewTransition" in document)) {
    change();
    return;
  }
  const transition = document.startViewTransition(change);
  // The next change may cut a fade short: that is wanted, not an error.
  transition.ready.catch(() => undefined);
  transition.finished.catch(() => undefined);
}
