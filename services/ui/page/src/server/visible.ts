// Whether anybody can see the page: a tab behind another, a screen that is off, or a phone in a pocket must not hold
// the mirror's few connections, nor keep it teaching.

import { useEffect, useState } from "preact/hooks";

/** Lets something run only while the page can be seen. The answer ends it. */
export function whileVisible(start: () => () => void): () => void {
  let stop: (() => void) | null = null;
  const halt = () => {
    stop?.();
    stop = null;
  };
  const look = () => {
    if (document.visibilityState === "visible") stop ??= start();
    else halt();
  };
  document.addEventListener("visibilitychange", look);
  // A page that is left may be kept, and shown again, without ever having been hidden.
  addEventListener("pagehide", halt);
  addEventListener("pageshow", look);
  look();
  return () => {
    document.removeEventListener("visibilitychange", look);
    removeEventListener("pagehide", halt);
    removeEventListener("pageshow", look);
    halt();
  };
}

export function useVisible(): boolean {
  const [visible, setVisible] = useState(document.visibilityState === "visible");
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === "visible");
    // It may have changed since the first drawing.
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return visible;
}
