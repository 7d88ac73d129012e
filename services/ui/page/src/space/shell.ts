// The unit ball that all samples are in, as a faint shell: without it nobody would see that a frame is outside.

import { BufferGeometry, Float32BufferAttribute, Group, LineSegments, Mesh, type RawShaderMaterial } from "three";
import type { Live } from "./live";

const CIRCLE = 96;
const CORNERS = 128;
/** Rings of a disc: how far from the middle, and how bright. */
type Rings = readonly (readonly [radius: number, light: number])[];
/** The ball's edge, as of glass. */
const RIM: Rings = [
  [0.8, 0],
  [0.93, 0.05],
  [0.985, 0.16],
  [0.993, 0.42],
  [1, 0],
];
/** What a frame outside casts on the ball below it, so that one sees that it is above. */
const FOOT: Rings = [
  [0, 0.12],
  [0.045, 0.05],
  [0.05, 0.5],
  [0.055, 0.05],
  [0.11, 0.02],
  [0.116, 0.26],
  [0.122, 0],
];

/** Three great circles, each in two of the axes. */
function circles(material: RawShaderMaterial): LineSegments {
  const at: number[] = [];
  for (const plane of [0, 1, 2]) {
    for (let n = 0; n < 2 * CIRCLE; n += 1) {
      // Each piece ends where the next begins.
      const angle = (2 * Math.PI * Math.ceil(n / 2)) / CIRCLE;
      const point = [0, 0, 0];
      point[plane] = Math.cos(angle);
      point[(plane + 1) % 3] = Math.sin(angle);
      at.push(...point);
    }
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new Float32BufferAttribute(at, 3));
  geometry.setAttribute("bright", new Float32BufferAttribute(new Array<number>(at.length / 3).fill(0.2), 1));
  return new LineSegments(geometry, material);
}

function disc(rings: Rings, material: RawShaderMaterial): Mesh {
  const at: number[] = [];
  const bright: number[] = [];
  const index: number[] = [];
  rings.forEach(([radius, light], ring) => {
    for (let n = 0; n <= CORNERS; n += 1) {
      const angle = (2 * Math.PI * n) / CORNERS;
      at.push(radius * Math.cos(angle), radius * Math.sin(angle), 0);
      bright.push(light);
      const here = ring * (CORNERS + 1) + n;
      const inner = here - (CORNERS + 1);
      if (ring > 0 && n < CORNERS) index.push(inner, here, here + 1, inner, here + 1, inner + 1);
    }
  });
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new Float32BufferAttribute(at, 3));
  geometry.setAttribute("bright", new Float32BufferAttribute(bright, 1));
  geometry.setIndex(index);
  return new Mesh(geometry, material);
}

export class Shell {
  readonly group = new Group();
  readonly #rim: Mesh;
  readonly #circles: LineSegments;
  readonly #foot: Mesh;
  readonly #footMaterial: RawShaderMaterial;

  constructor(material: RawShaderMaterial) {
    this.#footMaterial = material.clone();
    this.#rim = disc(RIM, material);
    this.#circles = circles(material);
    this.#foot = disc(FOOT, this.#footMaterial);
    this.group.add(this.#rim, this.#circles, this.#foot);
    for (const part of this.group.children) part.frustumCulled = false;
  }

  /** From that far away, in this direction, one sees a little less than half of the ball: its edge is nearer, and smaller. */
  face(toward: Float32Array, distance: number): void {
    const x = toward[0]!;
    const y = toward[1]!;
    const z = toward[2]!;
    this.#rim.position.set(x / distance, y / distance, z / distance);
    this.#rim.scale.setScalar(Math.sqrt(1 - 1 / distance ** 2));
    this.#rim.lookAt(x * distance, y * distance, z * distance);
  }

  /** Below the frame, the more so the more it is outside. */
  under({ position, presence, hollow }: Live): void {
    const x = position[0]!;
    const y = position[1]!;
    const z = position[2]!;
    const length = Math.hypot(x, y, z);
    this.#foot.visible = presence * hollow > 0 && length > 1;
    if (!this.#foot.visible) return;
    this.#foot.position.set(x / length, y / length, z / length);
    this.#foot.lookAt(2 * x, 2 * y, 2 * z);
    this.#footMaterial.uniforms.tint!.value.setScalar(presence * hollow);
  }

  dispose(): void {
    this.#foot.geometry.dispose();
    this.#footMaterial.dispose();
    this.#rim.geometry.dispose();
    this.#circles.geometry.dispose();
  }
}
