import { useEffect, useState } from "preact/hooks";
import type { Trouble } from "../api/trouble";

/** Seconds until it may be tried again; 0: now. */
export function useCountdown(trouble: Trouble | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const waitS = trouble?.waitS ?? 0;
    // By the clock, as a phone stops timers in the pocket.
    const until = performance.now() + waitS * 1_000;
    const tick = () => setLeft(Math.max(0, Math.ceil((until - performance.now()) / 1_000)));
    tick();
    if (waitS === 0) return;
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [trouble]);
  return left;
}
