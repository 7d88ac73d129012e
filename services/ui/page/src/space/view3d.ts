// The space on the graphics card. This file and three.js are fetched only when they are needed.

import {
  BufferAttribute,
  BufferGeometry,
  CustomBlending,
  GLSL3,
  MaxEquation,
  OneFactor,
  PerspectiveCamera,
  Points,
  RawShaderMaterial,
  Scene as Root,
  Vector2,
  Vector3,
  WebGLRenderer,
  type IUniform,
} from "three";
import { pointRadius, type Cloud } from "./cloud";
import { DIMMEST, pixelRatio, type Drawing, type Scene } from "./drawing";
import { lineUniforms, Marks } from "./marks";
import { channels, COLOURS } from "./palette";
import { Quality } from "./quality";
import * as shaders from "./shaders";
import { Shell } from "./shell";

type Uniforms = Record<string, IUniform>;

const material = (vertexShader: string, fragmentShader: string, uniforms: Uniforms) =>
  new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader,
    fragmentShader,
    uniforms,
    defines: { PALETTE: COLOURS.length, DIMMEST: DIMMEST.toFixed(2) },
    depthTest: false,
    depthWrite: false,
    transparent: true,
    blending: CustomBlending,
    blendEquation: MaxEquation,
    blendSrc: OneFactor,
    blendDst: OneFactor,
  });

export class View3d implements Drawing {
  readonly renderer = "webgl";
  /** 30 a second. */
  readonly pace = 1000 / 30;
  readonly #renderer: WebGLRenderer;
  readonly #root = new Root();
  readonly #camera = new PerspectiveCamera(50, 1, 0.1, 20);
  /** Shared by materials. */
  readonly #size: IUniform<number> = { value: 1 };
  readonly #screen: IUniform<Vector2> = { value: new Vector2(1, 1) };
  readonly #lineWidth: IUniform<number> = { value: 1 };
  readonly #dash: IUniform<number> = { value: 1 };
  readonly #samples = material(shaders.SAMPLE_VERTEX, shaders.SAMPLE_FRAGMENT, {
    palette: { value: new Float32Array(channels()) },
    share: { value: 1 },
    size: { value: 1 },
    distance: { value: 1 },
  });
  readonly #marking = material(shaders.MARK_VERTEX, shaders.MARK_FRAGMENT, {
    size: this.#size,
    tint: { value: new Vector3(1, 1, 1) },
    pale: { value: new Vector3(0.82, 0.83, 0.86) },
  });
  readonly #line = lineUniforms();
  readonly #lining = material(shaders.LINE_VERTEX, shaders.LINE_FRAGMENT, {
    ...this.#line,
    screen: this.#screen,
    width: this.#lineWidth,
    dash: this.#dash,
  });
  readonly #shelling = material(shaders.SHELL_VERTEX, shaders.SHELL_FRAGMENT, { tint: { value: new Vector3(0.93, 0.88, 0.78) } });
  readonly #points = new Points(new BufferGeometry(), this.#samples);
  readonly #marks = new Marks(this.#marking, this.#lining, this.#line);
  readonly #shell = new Shell(this.#shelling);
  readonly #quality = new Quality(1.7 * this.pace);
  #wide = 1;
  #high = 1;
  #radius = 0.02;

  constructor(
    readonly canvas: HTMLCanvasElement,
    context: WebGL2RenderingContext,
  ) {
    this.#renderer = new WebGLRenderer({ canvas, context, depth: false });
    this.#renderer.setClearColor(0x000000, 1);
    this.#points.frustumCulled = false;
    this.#root.add(this.#shell.group, this.#points, this.#marks.line, this.#marks.points);
  }

  resize(width: number, height: number): void {
    this.#wide = width;
    this.#high = height;
    const ratio = pixelRatio() * this.#quality.share;
    this.#renderer.setPixelRatio(ratio);
    this.#renderer.setSize(width, height, false);
    this.#screen.value.set(width * ratio, height * ratio);
    // A line that is seen from two metres, and doesn't cover anything on a phone.
    this.#lineWidth.value = ratio * Math.max(2.5, Math.min(width, height) / 300);
    this.#dash.value = 7 * this.#lineWidth.value;
  }

  points(cloud: Cloud): void {
    this.#radius = pointRadius(cloud.count);
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(cloud.positions, 3));
    geometry.setAttribute("origin", new BufferAttribute(cloud.origins, 3));
    geometry.setAttribute("look", new BufferAttribute(cloud.looks, 4));
    this.#points.geometry.dispose();
    this.#points.geometry = geometry;
    this.#points.visible = cloud.count > 0;
  }

  draw({ orbit, live, share, flowing }: Scene): void {
    // Before it is drawn: another size empties the canvas.
    if (this.#quality.drawn(performance.now(), flowing)) this.resize(this.#wide, this.#high);
    const { distance, focal, toward } = orbit;
    const camera = this.#camera;
    camera.fov = (2 * Math.atan(this.#high / 2 / focal) * 180) / Math.PI;
    camera.aspect = this.#wide / this.#high;
    camera.updateProjectionMatrix();
    camera.position.set(toward[0]! * distance, toward[1]! * distance, toward[2]! * distance);
    camera.lookAt(0, 0, 0);
    // A radius of 1 at a distance of 1 is this wide in the canvas's own pixels.
    this.#size.value = 2 * focal * this.#renderer.getPixelRatio();
    const uniforms = this.#samples.uniforms as Uniforms;
    uniforms.share!.value = share;
    uniforms.distance!.value = distance;
    uniforms.size!.value = this.#size.value * this.#radius;
    this.#shell.face(toward, distance);
    this.#shell.under(live);
    this.#marks.update(live);
    this.#renderer.render(this.#root, camera);
  }

  destroy(): void {
    this.#points.geometry.dispose();
    this.#marks.dispose();
    this.#shell.dispose();
    for (const each of [this.#samples, this.#marking, this.#lining, this.#shelling]) each.dispose();
    this.#renderer.dispose();
    // Browsers allow a handful of contexts, and take their time to notice that one is no longer used.
    if (!this.#renderer.getContext().isContextLost()) this.#renderer.forceContextLoss();
  }
}
