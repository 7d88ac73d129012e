// The space on a flat canvas, for browsers without a graphics card: the same points from the same side, less often.

import { emptyCloud, mix, pointRadius, type Cloud } from "./cloud";
import { bondOf, DIMMEST, LIVE, NEAREST, nearness, type Drawing, type Scene } from "./drawing";
import { colour, COLOURS } from "./palette";

const RIM = "#4a463e";
const SPRITE = 32;

/** A soft dot in each colour: copying one is cheaper than drawing one. */
function sprite(tint: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SPRITE;
  const pen = canvas.getContext("2d")!;
  const soft = pen.createRadialGradient(SPRITE / 2, SPRITE / 2, 0.2 * SPRITE, SPRITE / 2, SPRITE / 2, SPRITE / 2);
  soft.addColorStop(0, tint);
  soft.addColorStop(1, `${tint}00`);
  pen.fillStyle = soft;
  pen.fillRect(0, 0, SPRITE, SPRITE);
  return canvas;
}

export class Flat implements Drawing {
  readonly renderer = "none";
  /** 10 a second; fewer where drawing would take more than a quarter of the time. */
  pace = 100;
  readonly #pen: CanvasRenderingContext2D;
  readonly #sprites = COLOURS.map((_, slot) => sprite(colour(slot)));
  readonly #out = new Float32Array(3);
  readonly #end = new Float32Array(3);
  readonly #dashed = [6, 7];
  readonly #whole: number[] = [];
  #cloud = emptyCloud();
  #width = 1;
  #height = 1;

  constructor(readonly canvas: HTMLCanvasElement) {
    this.#pen = canvas.getContext("2d", { alpha: false })!;
  }

  resize(width: number, height: number): void {
    this.#width = this.canvas.width = width;
    this.#height = this.canvas.height = height;
  }

  points(cloud: Cloud): void {
    this.#cloud = cloud;
  }

  draw(scene: Scene): void {
    const began = performance.now();
    this.#paint(scene);
    this.pace = Math.min(500, Math.max(100, mix(this.pace, 4 * (performance.now() - began), 0.2)));
  }

  destroy(): void {
    // A canvas keeps its pixels until it is collected.
    this.canvas.width = this.canvas.height = 0;
  }

  #paint(scene: Scene) {
    const pen = this.#pen;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.globalAlpha = 1;
    pen.globalCompositeOperation = "source-over";
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, this.#width, this.#height);
    pen.translate(this.#width / 2, this.#height / 2);
    // As on the graphics card: the brighter of two colours.
    pen.globalCompositeOperation = "lighten";
    const { distance, focal } = scene.orbit;
    this.#ring(0, 0, focal / Math.sqrt(distance ** 2 - 1), RIM, 1);
    this.#samples(scene);
    this.#frame(scene);
  }

  #samples({ orbit, share }: Scene) {
    const pen = this.#pen;
    const { count, origins, positions, looks } = this.#cloud;
    const radius = pointRadius(count) * orbit.focal;
    const out = this.#out;
    for (let i = 0; i < count; i += 1) {
      const at = 3 * i;
      orbit.project(
        mix(origins[at]!, positions[at]!, share),
        mix(origins[at + 1]!, positions[at + 1]!, share),
        mix(origins[at + 2]!, positions[at + 2]!, share),
        out,
      );
      const size = Math.max(1.3, radius / out[2]!);
      pen.globalAlpha = mix(looks[4 * i + 2]!, looks[4 * i + 3]!, share) * mix(DIMMEST, 1, nearness(out[2]!, orbit.distance));
      pen.drawImage(this.#sprites[looks[4 * i + 1]!]!, out[0]! - size, out[1]! - size, 2 * size, 2 * size);
    }
  }

  #frame({ orbit, live }: Scene) {
    const { position, nearest, presence, bond, hollow } = live;
    if (presence === 0) return;
    const pen = this.#pen;
    const out = this.#out;
    const end = this.#end;
    const rejected = hollow > 0.5;
    const tint = rejected ? "#d1d4db" : "#fff";
    pen.globalAlpha = 0.7 * presence * bond;
    if (bond > 0 && bondOf(live, out, end)) {
      orbit.project(out[0]!, out[1]!, out[2]!, out);
      orbit.project(end[0]!, end[1]!, end[2]!, end);
      pen.setLineDash(rejected ? this.#dashed : this.#whole);
      pen.lineWidth = 2;
      pen.strokeStyle = tint;
      pen.beginPath();
      pen.moveTo(out[0]!, out[1]!);
      pen.lineTo(end[0]!, end[1]!);
      pen.stroke();
      pen.setLineDash(this.#whole);
    }
    orbit.project(nearest[0]!, nearest[1]!, nearest[2]!, end);
    if (bond > 0) this.#ring(end[0]!, end[1]!, (NEAREST * orbit.focal) / end[2]!, tint, 1.5);
    pen.globalAlpha = presence;
    orbit.project(position[0]!, position[1]!, position[2]!, out);
    const radius = (LIVE * orbit.focal) / out[2]!;
    if (rejected) return this.#ring(out[0]!, out[1]!, radius, tint, 3);
    pen.fillStyle = tint;
    pen.beginPath();
    pen.arc(out[0]!, out[1]!, radius, 0, 2 * Math.PI);
    pen.fill();
  }

  #ring(x: number, y: number, radius: number, tint: string, width: number) {
    const pen = this.#pen;
    pen.strokeStyle = tint;
    pen.lineWidth = width;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.stroke();
  }
}
