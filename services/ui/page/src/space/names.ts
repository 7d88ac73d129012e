// The labels' names, beside their points.

import { centres, type Centre } from "./centres";
import { mix } from "./cloud";
import type { SpaceMap } from "./contract";
import { declutter, type Field } from "./declutter";
import type { Orbit } from "./orbit";
import { colour } from "./palette";

/** Of a gallery with hundreds of labels, those with the most samples are candidates. */
const MOST_CANDIDATES = 60;
const DECLUTTER_SECONDS = 0.25;
/** Over most of its label's points: this many times their spread. */
const ABOVE = 1.25;

interface Name {
  element: HTMLElement;
  from: Centre;
  to: Centre;
  far: boolean;
}

export class Names {
  #names = new Map<number, Name>();
  /** In the order of importance, as the three beside it. */
  #list: Name[] = [];
  #ids: number[] = [];
  #boxes = new Float32Array(0);
  #order = new Uint16Array(0);
  #shown = new Uint8Array(0);
  #since = Number.POSITIVE_INFINITY;
  #current = 0;
  /** How many are shown. */
  count = 0;
  readonly #field: Field = { width: 0, height: 0, obstacles: new Float32Array(0) };
  readonly #out = new Float32Array(3);

  /** `backgrounds`: whether they have names as well. */
  constructor(
    private readonly host: HTMLElement,
    private readonly backgrounds: boolean,
  ) {}

  /** `share`: how far the points were on their way when this map came. */
  update(map: SpaceMap, colours: ReadonlyMap<number, number>, share: number): void {
    const middles = centres(map);
    const chosen = map.labels
      .flatMap((label, i) => (middles[i] && (this.backgrounds || !label.background) ? [{ label, middle: middles[i] }] : []))
      .sort((a, b) => Number(a.label.background) - Number(b.label.background) || b.label.samples - a.label.samples)
      .slice(0, MOST_CANDIDATES);
    const before = this.#names;
    this.#names = new Map();
    const shown = new Uint8Array(chosen.length);
    for (const [n, { label, middle }] of chosen.entries()) {
      const known = before.get(label.id);
      before.delete(label.id);
      const name = known ?? this.#make(middle);
      if (known) {
        known.from = between(known.from, known.to, share);
        known.to = middle;
        shown[n] = this.#shown[this.#list.indexOf(known)] ?? 0;
      }
      if (name.element.textContent !== label.name) name.element.textContent = label.name;
      name.element.style.setProperty("--colour", colour(colours.get(label.id) ?? 0));
      this.#names.set(label.id, name);
    }
    for (const { element } of before.values()) element.remove();
    this.#list = [...this.#names.values()];
    this.#ids = [...this.#names.keys()];
    this.#shown = shown;
    this.#order = new Uint16Array(chosen.length);
    this.#boxes = new Float32Array(4 * chosen.length);
    this.#measure();
  }

  /** The label that is recognised, which comes before all others; 0: none. */
  set current(id: number) {
    if (id === this.#current) return;
    this.#names.get(this.#current)?.element.removeAttribute("data-current");
    this.#names.get(id)?.element.setAttribute("data-current", "");
    this.#current = id;
    this.#since = Number.POSITIVE_INFINITY;
  }

  /** The space has another size, and `words` are where no name may be. */
  fit(words: Iterable<Element>): void {
    const { left, top, width, height } = this.host.getBoundingClientRect();
    const boxes = [...words].map((element) => element.getBoundingClientRect());
    this.#field.width = width;
    this.#field.height = height;
    this.#field.obstacles = new Float32Array(boxes.flatMap((box) => [box.left - left, box.top - top, box.width, box.height]));
    this.#measure();
  }

  /** Reads all sizes in one go: between writes, each would be a layout of its own. */
  #measure() {
    this.#list.forEach(({ element }, n) => {
      this.#boxes[4 * n + 2] = element.offsetWidth;
      this.#boxes[4 * n + 3] = element.offsetHeight;
    });
    this.#since = Number.POSITIVE_INFINITY;
  }

  place(orbit: Orbit, share: number, seconds: number): void {
    this.#since += seconds;
    const choose = this.#since >= DECLUTTER_SECONDS;
    const boxes = this.#boxes;
    for (let n = 0; n < this.#list.length; n += 1) {
      const { from, to } = this.#list[n]!;
      orbit.project(mix(from.x, to.x, share), mix(from.y, to.y, share), mix(from.z, to.z, share), this.#out);
      const above = (ABOVE * mix(from.spread, to.spread, share) * orbit.focal) / this.#out[2]!;
      boxes[4 * n] = this.#field.width / 2 + this.#out[0]! - boxes[4 * n + 2]! / 2;
      boxes[4 * n + 1] = this.#field.height / 2 + this.#out[1]! - above - boxes[4 * n + 3]! - 2;
      this.#list[n]!.far = this.#out[2]! > orbit.distance + 0.15;
    }
    if (choose) this.#choose();
    for (let n = 0; n < this.#list.length; n += 1) {
      if (!this.#shown[n]) continue;
      this.#list[n]!.element.style.transform = `translate(${boxes[4 * n]!.toFixed(1)}px, ${boxes[4 * n + 1]!.toFixed(1)}px)`;
    }
  }

  destroy(): void {
    for (const { element } of this.#list) element.remove();
    this.#list = [];
    this.#names.clear();
  }

  #make(middle: Centre): Name {
    const element = document.createElement("span");
    element.className = "space-name";
    this.host.append(element);
    return { element, from: middle, to: middle, far: false };
  }

  #choose() {
    this.#since = 0;
    const first = this.#ids.indexOf(this.#current);
    for (let n = 0; n < this.#order.length; n += 1) {
      this.#order[n] = first < 0 || n > first ? n : n === 0 ? first : n - 1;
    }
    declutter(this.#boxes, this.#order, this.#shown, this.#field);
    this.count = 0;
    for (let n = 0; n < this.#list.length; n += 1) {
      const { element, far } = this.#list[n]!;
      this.count += this.#shown[n]!;
      element.toggleAttribute("data-shown", this.#shown[n] === 1);
      element.toggleAttribute("data-far", far);
    }
  }
}

const between = (a: Centre, b: Centre, share: number): Centre => ({
  x: mix(a.x, b.x, share),
  y: mix(a.y, b.y, share),
  z: mix(a.z, b.z, share),
  spread: mix(a.spread, b.spread, share),
});
