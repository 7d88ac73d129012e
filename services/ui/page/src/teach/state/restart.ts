import { useCallback, useEffect, useRef } from "preact/hooks";
import { reloadWhenServed } from "../../server/reload";

/** How many have something that would be lost. */
let kept = 0;

/** No new start until the answer is called, once. */
export function hold(): () => void {
  kept += 1;
  return () => {
    kept -= 1;
  };
}

/** What was typed and isn't saved isn't thrown away by a new start. */
export function useKept(something: boolean): void {
  useEffect(() => (something ? hold() : undefined), [something]);
}

/**
 * Loads the page anew after the server was, but only where that takes nothing from anybody: at the next step to
 * another view, or once the phone is put away. Until then the page that is there serves.
 */
export function useRestart(): () => void {
  const due = useRef(false);
  useEffect(() => {
    const settle = () => {
      if (due.current && kept === 0) void reloadWhenServed();
    };
    const hidden = () => document.visibilityState === "hidden" && settle();
    addEventListener("hashchange", settle);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      removeEventListener("hashchange", settle);
      document.removeEventListener("visibilitychange", hidden);
    };
  }, []);
  return useCallback(() => {
    due.current = true;
  }, []);
}
