import { useEffect, useState } from "preact/hooks";
import { place } from "../wander";

/** As long as its longest animation in dark.css: it is gone when it moves. */
const MOVES_MS = 12_000;

/** What is left of a dark screen: a light that comes and goes, each time somewhere else, and words if there is a need. */
export function Ember({ words }: { words: string }) {
  const [step, setStep] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setStep((before) => before + 1), MOVES_MS);
    return () => clearInterval(timer);
  }, []);
  const { x, y } = place(step);
  // Another element each time, so that its breath begins anew.
  return (
    <div class="ember" key={step} data-words={words !== ""} style={{ "--x": `${100 * x}%`, "--y": `${100 * y}%` }}>
      <span class="ember-light" />
      {words && <p>{words}</p>}
    </div>
  );
}
