import { useEffect, useState } from "preact/hooks";
import { loadStory } from "./load";
import { tellStories, type Told } from "./run";

/** What is told now; null: nothing, as always while not `active`. */
export function useStory(active: boolean, stepMs: number, language: string): Told | null {
  const [told, setTold] = useState<Told | null>(null);
  useEffect(() => {
    if (!active) return;
    const stop = new AbortController();
    void tellStories({ stepMs, signal: stop.signal, load: (signal) => loadStory(language, signal), show: setTold });
    return () => {
      stop.abort();
      setTold(null);
    };
  }, [active, stepMs, language]);
  // Not only when the effect has ended: whoever comes has the screen at once.
  return active ? told : null;
}
