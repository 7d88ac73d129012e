// One picture that stands for a label: its newest. Asked for when it is first seen, few at a time, so that a long list
// leaves the preview and the stream their connections.

/** A browser has six connections to a server. */
const AT_ONCE = 2;

export class Faces {
  readonly #found = new Map<string, Promise<number | null | undefined>>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  /** `newest` finds the newest sample of a label; null: it has none. */
  constructor(private readonly newest: (label: number) => Promise<number | null>) {}

  /** That of a label with so many samples: with another number it is another one. undefined: try again later. */
  of(label: number, samples: number): Promise<number | null | undefined> {
    const key = `${label} ${samples}`;
    const known = this.#found.get(key);
    if (known) return known;
    const found = this.#find(label).catch(() => {
      this.#found.delete(key);
      return undefined;
    });
    this.#found.set(key, found);
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
