// The space on the screen: what the server tells goes in, and one of the two drawings shows it.

import { emptyCloud, eased, MOVE_SECONDS, nextCloud } from "./cloud";
import type { SpaceFrame, SpaceMap } from "./contract";
import type { Drawing, Scene } from "./drawing";
import { turnByHand } from "./hand";
import { Live } from "./live";
import { Loop } from "./loop";
import { Names } from "./names";
import { openDrawing, openFlat } from "./open";
import { Orbit, REST_SECONDS } from "./orbit";
import { assignColours } from "./palette";
import { visibility } from "./visibility";

/** A graphics card that was lost is given this long to come back. */
const COMES_BACK_MS = 4_000;

interface StageOptions {
  /** Whether it can be turned by hand. Where not, it is shown to shoppers, who are told of products only. */
  interactive: boolean;
  /** Whether it neither turns by itself nor moves in between. */
  still: boolean;
  /** Which drawing it is, as soon as that is known. */
  drawn(renderer: Drawing["renderer"]): void;
}

export class Stage {
  readonly #orbit: Orbit;
  readonly #live: Live;
  readonly #names: Names;
  readonly #loop: Loop;
  readonly #end = new AbortController();
  readonly #size = new ResizeObserver(() => this.#resize());
  #drawing: Drawing | null = null;
  #colours = new Map<number, number>();
  #cloud = emptyCloud();
  #layout = -1;
  #progress = 1;
  #frames = 0;
  #fresh = false;
  #description = "";
  #rest: ReturnType<typeof setTimeout> | undefined;
  #lost: ReturnType<typeof setTimeout> | undefined;
  readonly #scene: Scene;

  /** `host` holds the canvas, and is where it is turned; `words` are elements that no name may cover. */
  constructor(
    private readonly host: HTMLElement,
    private readonly words: () => Iterable<Element>,
    private readonly options: StageOptions,
  ) {
    const { still, interactive } = options;
    const { signal } = this.#end;
    this.#orbit = new Orbit(still);
    this.#live = new Live(still);
    this.#scene = { orbit: this.#orbit, live: this.#live, share: 1, flowing: false };
    this.#loop = new Loop((seconds) => this.#draw(seconds), 33);
    const names = document.createElement("div");
    names.className = "space-names";
    names.ariaHidden = "true";
    host.append(names);
    this.#names = new Names(names, interactive);
    signal.addEventListener("abort", () => names.remove());
    this.#size.observe(host);
    visibility(host, (visible) => this.#pause(!visible), signal);
    if (interactive) turnByHand(host, this.#orbit, () => this.#touched(), signal);
    void openDrawing().then((drawing) => (signal.aborted ? drawing.destroy() : this.#show(drawing)));
  }

  map(map: SpaceMap): void {
    const share = eased(this.#progress);
    this.#colours = assignColours(map.labels, this.#colours);
    this.#cloud = nextCloud(this.#cloud, share, map, this.#colours);
    this.#names.update(map, this.#colours, share);
    this.#progress = this.options.still ? 1 : 0;
    if (map.layout !== this.#layout) this.#live.forgetTrail();
    this.#layout = map.layout;
    this.#drawing?.points(this.#cloud);
    this.#tell("points", map.sampleIds.length);
    this.#tell("labels", map.labels.length);
    this.#loop.wake();
  }

  frame(frame: SpaceFrame): void {
    const { verdict } = frame;
    this.#live.take(frame);
    this.#names.current = "labelId" in verdict ? verdict.labelId : 0;
    this.#fresh = true;
    this.#tell("outside", verdict.outcome === "UNKNOWN");
    this.#loop.wake();
  }

  /** There are no frames at the moment. */
  leave(): void {
    this.#live.leave();
    this.#names.current = 0;
    this.#tell("outside", false);
    this.#loop.wake();
  }

  /** What it shows, for those who can't see it. */
  describe(description: string): void {
    this.#description = description;
    if (this.#drawing) this.#drawing.canvas.ariaLabel = description;
  }

  /** A label's colour, as a place in the palette. */
  colourOf(id: number): number | undefined {
    return this.#colours.get(id);
  }

  destroy(): void {
    this.#end.abort();
    this.#loop.end();
    this.#size.disconnect();
    clearTimeout(this.#rest);
    clearTimeout(this.#lost);
    this.#names.destroy();
    this.#close();
  }

  #show(drawing: Drawing) {
    this.#close();
    this.#drawing = drawing;
    const { canvas } = drawing;
    canvas.role = "img";
    canvas.ariaLabel = this.#description;
    this.host.prepend(canvas);
    canvas.addEventListener("webglcontextlost", this.#contextLost, { signal: this.#end.signal });
    canvas.addEventListener("webglcontextrestored", this.#contextRestored, { signal: this.#end.signal });
    this.#loop.pace = drawing.pace;
    drawing.points(this.#cloud);
    this.#resize();
    this.#tell("renderer", drawing.renderer);
    this.options.drawn(drawing.renderer);
  }

  #close() {
    this.#drawing?.canvas.removeEventListener("webglcontextlost", this.#contextLost);
    this.#drawing?.destroy();
    this.#drawing?.canvas.remove();
    this.#drawing = null;
  }

  readonly #contextLost = (event: Event) => {
    // Only then may it come back.
    event.preventDefault();
    clearTimeout(this.#lost);
    this.#lost = setTimeout(() => this.#show(openFlat()), COMES_BACK_MS);
  };

  readonly #contextRestored = () => {
    clearTimeout(this.#lost);
    this.#loop.wake();
  };

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || height === 0) return;
    this.#orbit.fit(width, height);
    this.#drawing?.resize(width, height);
    this.#names.fit(this.words());
    this.#loop.wake();
  }

  #pause(paused: boolean) {
    this.#scene.flowing = false;
    this.#loop.paused = paused;
  }

  #touched() {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#loop.wake(), REST_SECONDS * 1000);
    this.#loop.wake();
  }

  #draw(seconds: number): boolean {
    const { still } = this.options;
    if (!this.#drawing) return false;
    if (!still) this.#orbit.step(seconds);
    this.#progress = Math.min(1, this.#progress + seconds / MOVE_SECONDS);
    const moves = this.#live.step(seconds);
    this.#scene.share = eased(this.#progress);
    this.#drawing.draw(this.#scene);
    this.#loop.pace = this.#drawing.pace;
    this.#names.place(this.#orbit, this.#scene.share, seconds);
    if (this.#fresh) this.#tell("frames", (this.#frames += 1));
    this.#fresh = false;
    this.#tell("turning", this.#orbit.turning);
    this.#tell("names", this.#names.count);
    this.#scene.flowing = moves || this.#progress < 1 || this.#orbit.turning || this.#orbit.swinging;
    return this.#scene.flowing;
  }

  /** Writes a `data-` attribute, when it is another one. */
  #tell(name: string, value: string | number | boolean) {
    const words = String(value);
    if (this.host.dataset[name] !== words) this.host.dataset[name] = words;
  }
}
