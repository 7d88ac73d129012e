/** Lets something run only while the page can be seen. The answer ends it. */
export function whileVisible(start: () => () => void): () => void {
  let stop: (() => void) | null = null;
  const look = () => {
    if (document.visibilityState === "visible") {
      stop ??= start();
    } else {
      stop?.();
      stop = null;
    }
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    document.removeEventListener("visibilitychange", look);
    stop?.();
    stop = null;
  };
}
