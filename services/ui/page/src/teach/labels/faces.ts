// One picture that stands for a label: its newest. Asked for when it is first seen, few at a time, so that a long list
// leaves the preview and the stream their connections.

/** A browser has six connections to a server. */
const AT_ONCE = 2;

export class Faces {
  readonly #found = new Map<number, Promise<number | null>>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  /** `newest` finds the newest sample of a label; null: it has none. */
  constructor(private readonly newest: (label: number) => Promise<number | null>) {}

  of(label: number): Promise<number | null> {
    const known = this.#found.get(label);
    if (known) return known;
    const found = this.#find(label).catch(() => {
      // Asked for again when it is seen again.
      this.#found.delete(label);
      return null;
    });
    this.#found.set(label, found);
    return found;
  }

  /** Samples came or went. */
  forget(): void {
    this.#found.clear();
  }

  async #find(label: number): Promise<number | null> {
    if (this.#busy >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy += 1;
    try {
      return await this.newest(label);
    } finally {
      // The place is handed on, so that nobody slips in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#busy -= 1;
    }
  }
}
