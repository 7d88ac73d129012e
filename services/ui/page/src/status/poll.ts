import { Backoff } from "../server/backoff";
import { within } from "../server/within";
import { parseReport, type Report } from "./report";

export const PACE_MS = 5_000;
/** The server asks two others before it answers; a request that takes much longer hangs. */
const HANGS_MS = 10_000;

interface PollListener {
  report(report: Report): void;
  failed(): void;
}

type Ask = (signal: AbortSignal) => Promise<Report | null>;

/** Asks for `/report` over and over; never two requests at once. */
export class Poll {
  readonly #backoff = new Backoff(1_000, 10_000);
  #round: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly listener: PollListener,
    private readonly ask: Ask = askReport,
  ) {}

  /** The answer stops it. */
  start(): () => void {
    const round = new AbortController();
    this.#round = round;
    void this.#ask(round);
    return () => {
      round.abort();
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.#round === round) this.#round = null;
    };
  }

  /** Something may have changed: asks now, unless it is asking or stopped. */
  soon(): void {
    if (!this.#round || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    void this.#ask(this.#round);
  }

  async #ask(round: AbortController): Promise<void> {
    this.#timer = undefined;
    const report = await this.ask(round.signal).catch(() => null);
    if (round.signal.aborted) return;
    if (report) {
      this.#backoff.reset();
      this.listener.report(report);
    } else {
      this.listener.failed();
    }
    // The listener may have stopped it.
    if (round.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#ask(round), report ? PACE_MS : this.#backoff.next());
  }
}

function askReport(stop: AbortSignal): Promise<Report | null> {
  return within(stop, HANGS_MS, async (signal) => {
    const response = await fetch("/report", { cache: "no-store", signal });
    return response.ok ? parseReport(await response.text()) : null;
  });
}
