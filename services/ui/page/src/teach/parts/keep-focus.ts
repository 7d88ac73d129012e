import { useEffect, useRef } from "preact/hooks";

/** Where one is: the view's heading. */
export const focusHeading = (): void =>
  document.querySelector<HTMLElement>(".bar h1")?.focus({ preventScroll: true });

/**
 * For a place whose parts come and go: where the part with the focus goes, the focus goes to `next`. Else keyboards and
 * screen readers would begin at the top.
 */
export function useKeptFocus(next: () => void) {
  const had = useRef(false);
  useEffect(() => {
    const lost = document.activeElement === null || document.activeElement === document.body;
    if (!had.current || !lost) return;
    had.current = false;
    next();
  });
  return {
    onFocusIn: () => {
      had.current = true;
    },
    onFocusOut({ target }: FocusEvent) {
      // Whether it was left, or has gone, shows in a moment.
      setTimeout(() => {
        const place = document.activeElement;
        if (target instanceof Element && target.isConnected && place !== target) had.current = false;
      });
    },
  };
}
