import { useEffect, useRef, useState } from "preact/hooks";
import { drawInto } from "./draw";
import { runPreview } from "./preview";
import { useVisible } from "./visible";

/** What the camera sees, drawn into a canvas as long as it is `on`, and somebody can see it. */
export function usePreview(width: number, on: boolean) {
  const canvas = useRef<HTMLCanvasElement>(null);
  /** Whether the canvas has what the camera sees now; null: nothing has come yet. */
  const [there, setThere] = useState<boolean | null>(null);
  /** Who has no PIN may not see it. */
  const [refused, setRefused] = useState(false);
  // With the PIN entered anew it may be seen again.
  useEffect(() => {
    if (!on) setRefused(false);
  }, [on]);
  const runs = useVisible() && on && !refused;
  useEffect(() => {
    if (!runs) {
      setThere(null);
      return;
    }
    const stop = new AbortController();
    void runPreview({
      width,
      signal: stop.signal,
      draw: (jpeg) => drawInto(canvas.current, jpeg),
      live: setThere,
      refused: () => setRefused(true),
    });
    return () => stop.abort();
  }, [width, runs]);
  return { canvas, there, refused };
}
