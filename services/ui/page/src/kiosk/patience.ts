/** Says when the same thing has lasted for `ms` on end. */
export class Patience {
  #lasting: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ms: number,
    private readonly lasted: () => void,
  ) {}

  /** What is the case now; null: nothing that would try anybody's patience. */
  watch(thing: string | null): void {
    if (thing === this.#lasting) return;
    this.#lasting = thing;
    clearTimeout(this.#timer);
    if (thing !== null) this.#timer = setTimeout(this.lasted, this.ms);
  }
}
