// Draws while there is something to draw, never faster than its pace, and not at all while nobody can see it.

/** Asks for a frame, as `requestAnimationFrame` does; the answer takes it back. */
export type Schedule = (frame: (now: number) => void, wait: number) => () => void;

/** An awake browser is asked for its next frame, and is left asleep until shortly before it is due. */
const inBrowser: Schedule = (frame, wait) => {
  let request = 0;
  const ask = () => {
    request = requestAnimationFrame(frame);
  };
  const timer = wait > 0 ? setTimeout(ask, wait) : undefined;
  if (timer === undefined) ask();
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(request);
  };
};

/** A screen's frames are up to this long apart, in milliseconds: asked for earlier, the one that is due comes. */
const SCREEN_FRAME = 14;
/** After a pause, time doesn't leap. */
const LONGEST_STEP = 0.1;

export class Loop {
  #cancel: (() => void) | null = null;
  #last = Number.NEGATIVE_INFINITY;
  #paused = false;
  #wanted = false;
  #ended = false;

  /** `draw` is told the seconds since it drew last; whether it has more to draw is its answer. */
  constructor(
    private readonly draw: (seconds: number) => boolean,
    public pace: number,
    private readonly schedule: Schedule = inBrowser,
  ) {}

  /** Something has changed. */
  wake(): void {
    this.#wanted = true;
    this.#ask(0);
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    if (paused) this.#drop();
    else if (this.#wanted) this.#ask(0);
  }

  end(): void {
    this.#ended = true;
    this.#drop();
  }

  #drop() {
    this.#cancel?.();
    this.#cancel = null;
  }

  #ask(wait: number) {
    if (this.#cancel || this.#paused || this.#ended) return;
    this.#cancel = this.schedule(this.#frame, wait);
  }

  readonly #frame = (now: number) => {
    this.#cancel = null;
    const since = now - this.#last;
    // Half a millisecond early is in time: a screen's frames don't come to the microsecond.
    if (since < this.pace - 0.5) return this.#ask(this.pace - since - SCREEN_FRAME);
    this.#last = now;
    this.#wanted = this.draw(Math.min(since / 1000, LONGEST_STEP));
    if (this.#wanted) this.#ask(this.pace - SCREEN_FRAME);
  };
}
