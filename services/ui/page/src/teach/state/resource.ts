import { useEffect, useRef, useState } from "preact/hooks";
import { Backoff } from "../../server/backoff";
import { passes, troubleFrom, type Trouble, type TroubleCode } from "../api/trouble";

/** Others may teach as well: what they change is seen after this long. */
export const OTHERS_MS = 10_000;
/** What isn't likely to pass is asked again all the same, where it is asked again and again anyway. */
const TROUBLED_MS = 15_000;
/** Asking again doesn't help. */
const FINAL: readonly TroubleCode[] = ["UNAUTHENTICATED", "NOT_FOUND"];

export interface Resource<T> {
  /** The last good answer; stays while another is on its way. */
  value: T | null;
  trouble: Trouble | null;
  reload(): void;
  /** What the page knows already, until the server tells it. */
  edit(change: (value: T) => T): void;
}

interface Wanted<T> {
  /** What is asked for; null: nothing, for now. Another subject forgets the answer of the one before. */
  subject: string | null;
  /** Grows when the answer may have changed. */
  revision?: number;
  load(signal: AbortSignal): Promise<T>;
  /** In how many milliseconds to ask again; null: not by itself. */
  again?(value: T): number | null;
}

interface Held<T> {
  subject: string | null;
  value: T | null;
  trouble: Trouble | null;
}

/** Keeps an answer of the server up to date: what fails for a while is asked for again by itself. */
export function useResource<T>({ subject, revision = 0, load, again }: Wanted<T>): Resource<T> {
  const [held, setHeld] = useState<Held<T>>({ subject: null, value: null, trouble: null });
  const [asked, setAsked] = useState(0);
  const latest = useRef({ load, again });
  latest.current = { load, again };

  useEffect(() => {
    if (subject === null) return;
    const stop = new AbortController();
    const backoff = new Backoff(1_000, 15_000);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const value = await latest.current.load(stop.signal);
        if (stop.signal.aborted) return;
        backoff.reset();
        setHeld({ subject, value, trouble: null });
        const wait = latest.current.again?.(value) ?? null;
        if (wait !== null) timer = setTimeout(ask, wait);
      } catch (error) {
        const trouble = troubleFrom(error);
        if (stop.signal.aborted || !trouble) return;
        setHeld((before) => ({ subject, value: before.subject === subject ? before.value : null, trouble }));
        if (passes(trouble)) timer = setTimeout(ask, backoff.next());
        else if (latest.current.again && !FINAL.includes(trouble.code)) timer = setTimeout(ask, TROUBLED_MS);
      }
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [subject, revision, asked]);

  // While nothing is asked for, as behind the lock, what was there stays.
  const mine = subject === null || held.subject === subject;
  return {
    value: mine ? held.value : null,
    trouble: mine ? held.trouble : null,
    reload: () => setAsked((count) => count + 1),
    edit: (change) => setHeld((before) => (before.value === null ? before : { ...before, value: change(before.value) })),
  };
}
