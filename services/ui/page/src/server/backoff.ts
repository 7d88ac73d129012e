/** Waiting times that double from `first` to `most` milliseconds, each a little off, so that many screens do not knock at once. */
export class Backoff {
  #failures = 0;

  constructor(
    private readonly first: number,
    private readonly most: number,
    private readonly random: () => number = Math.random,
  ) {}

  next(): number {
    const wait = Math.min(this.first * 2 ** this.#failures, this.most);
    // Stops counting at the longest wait, so that a server away for a year makes no infinity.
    if (wait < this.most) this.#failures += 1;
    return Math.round(wait * (0.8 + 0.4 * this.random()));
  }

  reset(): void {
    this.#failures = 0;
  }
}
