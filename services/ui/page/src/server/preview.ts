// Fetches the newest camera picture over and over: never more than one request under way, none kept.

import { Backoff } from "./backoff";
import { wait } from "./wait";
import { within } from "./within";

/** About ten pictures a second are plenty for a preview. */
const PACE_MS = 100;
/** The server answers within 2 s; a request that takes much longer hangs. */
const HANGS_MS = 8_000;

interface PreviewOptions {
  width: number;
  signal: AbortSignal;
  /** Shows a new picture; resolves when it is drawn. */
  draw(jpeg: Blob): Promise<void>;
  /** Whether the picture on the screen is what the camera sees now. Not called any more once `signal` is aborted. */
  live(live: boolean): void;
  /** The mirror's operator wants no picture on the glass: it is not asked for again. */
  refused?(): void;
  fetch?: typeof fetch;
  sleep?(ms: number, signal: AbortSignal): Promise<void>;
}

type Answer = "new" | "none" | "failed" | "refused";

export async function runPreview(options: PreviewOptions): Promise<void> {
  const { width, signal, draw, live } = options;
  const get = options.fetch ?? fetch.bind(globalThis);
  const sleep = options.sleep ?? wait;
  const backoff = new Backoff(500, 8_000);
  let after = "0";
  let shown = "";

  async function ask(signal: AbortSignal): Promise<Answer> {
    const response = await get(`/preview.jpg?after=${after}&width=${width}`, { cache: "no-store", signal });
    if (response.status === 204) return "none";
    if (response.status === 403) return "refused";
    if (!response.ok) return "failed";
    const id = response.headers.get("X-Frame-Id") ?? "0";
    const jpeg = await response.blob();
    after = id;
    // Asked from 0, the server may hand out the last picture of a camera that has stopped.
    if (id !== "0" && id === shown) return "none";
    await draw(jpeg);
    shown = id;
    return "new";
  }

  while (!signal.aborted) {
    const asked = performance.now();
    const answer = await within(signal, HANGS_MS, ask).catch((): Answer => "failed");
    // Also after a picture was drawn: whoever ended this while it was being drawn has said what the screen shows now.
    if (signal.aborted) return;
    live(answer === "new");
    if (answer === "new") {
      backoff.reset();
      await sleep(Math.max(0, asked + PACE_MS - performance.now()), signal);
      continue;
    }
    if (answer === "refused") {
      options.refused?.();
      return;
    }
    // A restarted camera counts from one again: asking for more than its old number would wait for ever.
    after = "0";
    if (answer === "none") backoff.reset();
    await sleep(answer === "none" ? PACE_MS : backoff.next(), signal);
  }
}
