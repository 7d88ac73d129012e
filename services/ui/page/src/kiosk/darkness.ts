/** Timers count no further, and would go off at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Says when nobody has been there for so long that the screen may go dark, and when that is over. */
export class Darkness {
  #dark = false;
  #resting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** After `ms`; 0: never. `changed`: it went dark, or was touched when it was; not told of what `rests` itself changes. */
  constructor(
    private readonly ms: number,
    private readonly changed: () => void,
  ) {}

  get dark(): boolean {
    return this.#dark;
  }

  /** Whether nobody is there now, as the mirror sees it. */
  rests(resting: boolean): void {
    if (resting === this.#resting) return;
    this.#resting = resting;
    this.#begin();
  }

  /** Somebody touched the glass, or a key. */
  stirred(): void {
    const wasDark = this.#dark;
    this.#begin();
    if (wasDark) this.changed();
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#dark = false;
    if (!this.#resting || this.ms <= 0) return;
    this.#timer = setTimeout(() => {
      this.#dark = true;
      this.changed();
    }, Math.min(this.ms, LONGEST_MS));
  }
}
