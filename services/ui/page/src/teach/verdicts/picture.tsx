import { useEffect, useRef } from "preact/hooks";
import type { Verdict } from "../contract/verdict";
import { drawInto } from "../../server/draw";

/** The frame of a verdict. Named by what stands beside it. */
export function VerdictPicture({ verdict }: { verdict: Verdict }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!verdict.picture) return;
    // A picture that can't be decoded leaves the place dark: the words are still there.
    drawInto(canvas.current, verdict.picture).catch(() => undefined);
  }, [verdict]);
  return <canvas ref={canvas} class="verdict-picture" width={4} height={3} aria-hidden="true" />;
}
