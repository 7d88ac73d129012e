// The live frame's point with its trail, and the line to the sample closest to it, for the graphics card.

import { BufferAttribute, BufferGeometry, DynamicDrawUsage, Mesh, Points, Vector3, type RawShaderMaterial } from "three";
import { bondOf, LIVE, NEAREST } from "./drawing";
import { TRAIL, type Live } from "./live";

const COUNT = TRAIL + 3;
/** How hollow a ring is: 1 as the live point, 2 so thin that nobody takes it for one. */
const THIN = 2;

/** What the line's shader is told, see shaders.ts. */
export const lineUniforms = () => ({
  start: { value: new Vector3() },
  end: { value: new Vector3() },
  tint: { value: new Vector3() },
  gap: { value: 0 },
});
type LineUniforms = ReturnType<typeof lineUniforms>;

/** Points: the trail, the ring around the closest sample, the glow of the live point, and it itself. */
export class Marks {
  readonly points: Points;
  readonly line: Mesh<BufferGeometry, RawShaderMaterial>;
  readonly #positions = new BufferAttribute(new Float32Array(3 * COUNT), 3).setUsage(DynamicDrawUsage);
  readonly #looks = new BufferAttribute(new Float32Array(4 * COUNT), 4).setUsage(DynamicDrawUsage);
  readonly #start = new Float32Array(3);
  readonly #end = new Float32Array(3);

  constructor(
    material: RawShaderMaterial,
    lineMaterial: RawShaderMaterial,
    private readonly uniforms: LineUniforms,
  ) {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", this.#positions);
    geometry.setAttribute("look", this.#looks);
    this.points = new Points(geometry, material);
    const corners = new BufferGeometry();
    corners.setAttribute("position", new BufferAttribute(new Float32Array([0, -1, 0, 0, 1, 0, 1, -1, 0, 1, 1, 0]), 3));
    corners.setIndex([0, 2, 1, 1, 2, 3]);
    this.line = new Mesh(corners, lineMaterial);
    this.points.frustumCulled = false;
    this.line.frustumCulled = false;
  }

  update(live: Live): void {
    const { position, nearest, trail, presence, bond, hollow } = live;
    this.points.visible = presence > 0;
    this.line.visible = bond > 0 && presence > 0 && bondOf(live, this.#start, this.#end);
    if (presence === 0) return;
    const at = this.#positions.array;
    at.set(trail);
    at.set(nearest, 3 * TRAIL);
    at.set(position, 3 * (TRAIL + 1));
    at.set(position, 3 * (TRAIL + 2));
    for (let n = 0; n < TRAIL; n += 1) {
      const age = 1 - (n + 1) / (TRAIL + 1);
      // Not within the point itself, which may be hollow.
      const clear = Math.min(1, Math.max(0, far(trail, 3 * n, position) / LIVE - 1));
      this.#look(n, LIVE * (0.25 + 0.55 * age), 0, 0.55 * age * clear * presence, 1);
    }
    this.#look(TRAIL, NEAREST, THIN, 0.75 * bond * presence, 0);
    this.#look(TRAIL + 1, LIVE * 3.4, 0, 0.45 * (1 - hollow) * presence, 1);
    this.#look(TRAIL + 2, LIVE, hollow, presence, 0);
    this.#positions.needsUpdate = true;
    this.#looks.needsUpdate = true;

    const { start, end, gap, tint } = this.uniforms;
    start.value.fromArray(this.#start);
    end.value.fromArray(this.#end);
    gap.value = hollow;
    tint.value.setScalar((0.8 - 0.25 * hollow) * bond * presence);
  }

  dispose(): void {
    this.points.geometry.dispose();
    this.line.geometry.dispose();
  }

  #look(n: number, radius: number, hollow: number, bright: number, soft: number) {
    const look = this.#looks.array;
    look[4 * n] = radius;
    look[4 * n + 1] = hollow;
    look[4 * n + 2] = bright;
    look[4 * n + 3] = soft;
  }
}

const far = (places: Float32Array, at: number, to: Float32Array): number =>
  Math.hypot(places[at]! - to[0]!, places[at + 1]! - to[1]!, places[at + 2]! - to[2]!);
