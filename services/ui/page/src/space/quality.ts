// How sharp the drawing is: as sharp as the machine can draw fast enough.

/** Pictures that are looked at together; what is slow once may be slow for other reasons. */
const PICTURES = 20;
const STEP = 0.75;
const LEAST = 0.5;

export class Quality {
  /** Of the pixel ratio. */
  share = 1;
  #last = 0;
  #sum = 0;
  #count = 0;

  /** `slow`: this many milliseconds between two pictures are too many. */
  constructor(private readonly slow: number) {}

  /**
   * A picture is drawn; true: from now on it is to be less sharp. `flowing`: it was asked for as soon as the one before
   * was drawn, and so the time in between is what drawing takes.
   */
  drawn(now: number, flowing: boolean): boolean {
    const since = now - this.#last;
    this.#last = now;
    if (!flowing) return this.#anew();
    this.#sum += since;
    this.#count += 1;
    if (this.#count < PICTURES) return false;
    const slow = this.#sum / this.#count >= this.slow;
    this.#anew();
    if (!slow || this.share <= LEAST) return false;
    this.share = Math.max(LEAST, this.share * STEP);
    return true;
  }

  #anew(): false {
    this.#sum = this.#count = 0;
    return false;
  }
}
