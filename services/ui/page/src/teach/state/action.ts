import { useEffect, useRef, useState } from "preact/hooks";
import { troubleFrom, type Trouble } from "../api/trouble";

interface Action {
  busy: boolean;
  trouble: Trouble | null;
  /** Does `work` unless it is being done already. */
  run(work: () => Promise<unknown>): void;
  clear(): void;
}

/** Something that is done at a tap, once, however often it is tapped while it is under way. */
export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const running = useRef(false);
  const there = useRef(true);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  const run = async (work: () => Promise<unknown>) => {
    // State would be a render late: two taps can come within one.
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setTrouble(null);
    let failed: Trouble | null = null;
    try {
      await work();
    } catch (error) {
      failed = troubleFrom(error);
    }
    running.current = false;
    if (!there.current) return;
    setBusy(false);
    setTrouble(failed);
  };
  return { busy, trouble, run: (work) => void run(work), clear: () => setTrouble(null) };
}
