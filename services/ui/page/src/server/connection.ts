// Holds an event stream open for as long as a page wants it.
//
// EventSource reconnects by itself after some faults but not after all (an HTTP error ends it for good), and
// it never notices a line that has gone silent. So every fault is treated alike: close, wait, open anew.

import { Backoff } from "./backoff";
import { parseObject, text } from "./json";

/** The server speaks at least every 5 s. */
export const SILENCE_MS = 15_000;
/** A hiccup shorter than this is nobody's business. */
export const GRACE_MS = 2_000;

interface Listener {
  /** What to do with the data of an event, by its name; false: it made no sense. */
  events: Record<string, (data: string) => boolean>;
  /** Out of reach for longer than the grace time. Told once per loss. */
  lost(): void;
  /** Another server process answers than the one this page came from. */
  rebooted(): void;
}

/** The server that a document has met first. */
interface Boot {
  id: string | null;
}

/** Of this document: it outlives each stream, as pages close theirs while nobody can see them. */
const MET: Boot = { id: null };

/** The answer ends it. */
export function connect(
  url: string,
  listener: Listener,
  open: (url: string) => EventSource = (address) => new EventSource(address),
  met: Boot = MET,
): () => void {
  const backoff = new Backoff(500, 3_000);
  let source: EventSource | null = null;
  let ended = false;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let grace: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;

  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(broken, SILENCE_MS);
  };

  const expectEvents = () => {
    grace ??= setTimeout(() => listener.lost(), GRACE_MS);
  };

  function broken() {
    clearTimeout(silence);
    source?.close();
    source = null;
    expectEvents();
    retry = setTimeout(start, backoff.next());
  }

  function start() {
    const current = open(url);
    source = current;
    heard();
    current.onerror = () => {
      // An event of a source that has been given up already must not open a second stream.
      if (source === current) broken();
    };
    current.addEventListener("ping", heard);
    current.addEventListener("hello", ({ data }: MessageEvent<string>) => {
      heard();
      const id = parseBootId(data);
      if (id && met.id && id !== met.id) listener.rebooted();
      met.id ??= id;
    });
    for (const [name, take] of Object.entries(listener.events)) {
      current.addEventListener(name, ({ data }: MessageEvent<string>) => {
        // What was under way when the page ended it.
        if (ended) return;
        heard();
        if (!take(data)) return;
        // Only a real event is proof that all is well: a server that greets and falls over keeps the longer waits.
        backoff.reset();
        clearTimeout(grace);
        grace = undefined;
      });
    }
  }

  expectEvents();
  start();
  return () => {
    ended = true;
    for (const timer of [silence, grace, retry]) clearTimeout(timer);
    source?.close();
    source = null;
  };
}

/** The identity of the running server, or null. */
export function parseBootId(data: string): string | null {
  return text(parseObject(data)?.boot_id) || null;
}
