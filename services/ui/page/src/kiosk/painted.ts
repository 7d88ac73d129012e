/**
 * Makes a function that has `seen` called once what is in the document now has been painted where somebody can see
 * it: in a tab behind another, or on a screen that is off, only when it comes to the front.
 */
export function whenPainted(seen: () => void): () => void {
  let waiting = false;
  const painted = () => {
    waiting = false;
    if (document.visibilityState === "visible") seen();
  };
  const wait = () => {
    if (waiting) return;
    waiting = true;
    // The first comes just before the paint, the second after it.
    requestAnimationFrame(() => requestAnimationFrame(painted));
  };
  document.addEventListener("visibilitychange", wait);
  return wait;
}
