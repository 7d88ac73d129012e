// The mirror's real services, on free ports and a fresh data directory, looking at a replay of the demo's scenes.

import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { atExit, Child, tail } from "./child.mjs";
import { eventually, GiveUp } from "./eventually.mjs";
import { binary, demo, environment, pythonExample, scenes } from "./places.mjs";
import { freeAddresses } from "./ports.mjs";
import { runPython } from "./python.mjs";

const run = promisify(execFile);

/** @typedef {"sap-simulator" | "inference" | "recommender" | "ui"} Name */
/** @type {readonly Name[]} */
const NAMES = ["sap-simulator", "inference", "recommender", "ui"];
/** How long recommendations hold: a change shows soon after. */
const EXPIRY_SECONDS = "2";

const READY_WITHIN = 60_000;
const STOPS_WITHIN = 15_000;
const TEACHES_WITHIN = 180_000;
const LOG_LINES = 30;

export class System {
  /** @param {string[]} addresses */
  constructor([inference, inferenceHttp, recommender, recommenderHttp, ui, simulator]) {
    this.url = `http://${ui}/`;
    this.simulator = `http://${simulator}`;
    this.folder = mkdtempSync(join(tmpdir(), "mirror-e2e-"));
    this.forgetFolder = atExit(() => rmSync(this.folder, { recursive: true, force: true }));
    const data = join(this.folder, "data");
    mkdirSync(data);
    this.env = environment({
      MIRROR_INFERENCE_ADDR: inference,
      MIRROR_INFERENCE_HTTP_ADDR: inferenceHttp,
      MIRROR_RECOMMENDER_ADDR: recommender,
      MIRROR_RECOMMENDER_HTTP_ADDR: recommenderHttp,
      MIRROR_UI_ADDR: ui,
      MIRROR_CAMERA: `replay:${scenes}`,
      MIRROR_SAP_SIMULATOR_ADDR: simulator,
      MIRROR_SAP_SIMULATOR_CATALOGUE: join(demo, "catalogue/catalogue.json"),
      MIRROR_SAP_SIMULATOR_EXPIRY_SECONDS: EXPIRY_SECONDS,
      MIRROR_PROVIDER: "sap-runtime",
      MIRROR_PRODUCTS: "occ",
      MIRROR_SAP_URL: this.simulator,
      MIRROR_SAP_USER: "MIRROR",
      MIRROR_SAP_PASSWORD: "simulator",
      MIRROR_OCC_URL: `${this.simulator}/occ/v2`,
      MIRROR_OCC_SITE: "mirror-shop",
      MIRROR_OCC_PAGES_URL: "https://shop.example/",
      MIRROR_FEEDBACK_WINDOW_SECONDS: "1",
      MIRROR_DATA_DIR: data,
    });
    /** @type {Map<Name, Child>} */
    this.services = new Map();
  }

  /** All services, ready, with an empty gallery. */
  static async start() {
    const system = new System(await freeAddresses(6));
    try {
      await system.launch(...NAMES);
      return system;
    } catch (error) {
      system.printLogs();
      await system.close();
      throw error;
    }
  }

  /**
   * Starts services and waits until they are ready.
   * @param {Name[]} names
   */
  async launch(...names) {
    for (const name of names) {
      this.services.set(name, new Child(binary(name), [], { log: this.#log(name), env: this.env }));
    }
    await Promise.all(names.map((name) => this.#ready(name)));
  }

  /** Starts what a failed test has left stopped. */
  async repair() {
    await this.launch(...NAMES.filter((name) => this.service(name).end));
  }

  /** @param {Name} name */
  async #ready(name) {
    const service = this.service(name);
    await eventually(
      `mirror-${name} is ready`,
      async () => {
        if (service.end) throw new GiveUp(`mirror-${name} has ended: ${JSON.stringify(service.end)}`);
        await run(binary(name), ["healthcheck"], { env: this.env, timeout: 10_000 });
        return true;
      },
      READY_WITHIN,
    );
  }

  /** @param {Name} name */
  service(name) {
    const service = this.services.get(name);
    if (!service) throw new Error(`mirror-${name} was not started`);
    return service;
  }

  /**
   * As an operator does it.
   * @param {Name} name
   */
  async stop(name) {
    const end = await this.service(name).stop("SIGTERM", STOPS_WITHIN);
    if (end.code !== 0) throw new Error(`mirror-${name} did not stop cleanly: ${JSON.stringify(end)}`);
  }

  /**
   * As a crash does it.
   * @param {Name} name
   */
  async kill(name) {
    await this.service(name).stop("SIGKILL", STOPS_WITHIN);
  }

  /** Teaches the demo's products through the public API. */
  async teach() {
    await this.#client("teach", join(demo, "teach"));
  }

  /**
   * Has the camera see nothing but scenes of one kind, from a restart of inference on.
   * @param {string} slug "empty", or a product's
   */
  async watch(slug) {
    const folder = join(this.folder, `scenes-${slug}`);
    mkdirSync(folder, { recursive: true });
    for (const scene of readdirSync(scenes).filter((name) => name.endsWith(`_${slug}.jpg`))) {
      copyFileSync(join(scenes, scene), join(folder, scene));
    }
    this.env.MIRROR_CAMERA = `replay:${folder}`;
    await this.stop("inference");
    await this.launch("inference");
  }

  /**
   * Takes samples from the camera, whatever it sees.
   * @param {string} label
   * @param {number} count
   */
  async capture(label, count) {
    await this.#client("capture", label, String(count));
  }

  /** With which the first PIN can be set. */
  setUpCode() {
    const found = /Set-up code for \/teach.*code="?(\w+)/.exec(readFileSync(this.#log("ui"), "utf8"));
    if (!found) throw new Error("the ui's log has no set-up code");
    return found[1];
  }

  /**
   * The gallery: sample counts by label.
   * @returns {Promise<Record<string, number>>}
   */
  async labels() {
    const lines = (await this.#client("labels")).trimEnd().split("\n");
    return Object.fromEntries(
      lines.filter(Boolean).map((line) => {
        const found = /^ *\d+ {2}(.+?) +(?:PRODUCT|BACKGROUND) .* (\d+) samples$/.exec(line);
        if (!found) throw new Error(`not a label: ${line}`);
        return [found[1], Number(found[2])];
      }),
    );
  }

  /** @param {string[]} args */
  async #client(...args) {
    const options = { cwd: this.folder, env: this.env, timeout: TEACHES_WITHIN };
    const { stdout } = await runPython([join(pythonExample, "mirror_client.py"), ...args], options);
    return stdout;
  }

  /**
   * A marketeer changes what goes with a product.
   * @param {string} trigger
   * @param {string[]} results
   */
  async recommend(trigger, results) {
    const body = { scenario: "MIRROR_TRIGGER", leading_type: "SAP_HYBRIS_PRODUCT", leading_id: trigger, results, who: "a test" };
    const answer = await fetch(`${this.simulator}/simulator/api/recommendations`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`the simulator answers ${answer.status}: ${await answer.text()}`);
  }

  /** What the simulator tells its own page. */
  async simulated() {
    return (await fetch(`${this.simulator}/simulator/api/state`)).json();
  }

  printLogs() {
    for (const name of NAMES) console.log(`--- mirror-${name} ---\n${tail(this.#log(name), LOG_LINES)}`);
  }

  /** Stops what still runs; an error when that is not clean. */
  async close() {
    try {
      const running = [...this.services].filter(([, service]) => !service.end).map(([name]) => name);
      const stopped = await Promise.allSettled(running.map((name) => this.stop(name)));
      const failed = stopped.find((result) => result.status === "rejected");
      if (failed) throw failed.reason;
    } finally {
      for (const service of this.services.values()) if (!service.end) service.child.kill("SIGKILL");
      this.forgetFolder();
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  /** @param {Name} name */
  #log(name) {
    return join(this.folder, `${name}.log`);
  }
}
