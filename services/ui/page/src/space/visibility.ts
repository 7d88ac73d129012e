/** Tells whether anybody can see the element: not in a tab behind another, nor scrolled away. Until the signal. */
export function visibility(element: Element, tell: (visible: boolean) => void, signal: AbortSignal): void {
  let onScreen = true;
  const look = () => tell(onScreen && document.visibilityState === "visible");
  const observer = new IntersectionObserver((entries) => {
    onScreen = entries.at(-1)?.isIntersecting ?? onScreen;
    look();
  });
  observer.observe(element);
  document.addEventListener("visibilitychange", look, { signal });
  signal.addEventListener("abort", () => observer.disconnect());
  look();
}
