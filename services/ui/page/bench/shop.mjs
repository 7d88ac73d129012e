// The mirror with the simulator as its provider, looking at scenes in which products follow one another quickly.

import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { demo, scenes } from "../e2e/places.mjs";
import { freeAddresses } from "../e2e/ports.mjs";
import { System } from "../e2e/system.mjs";

/** Frames, ten a second: so long is a product in view, and so long the empty scene after it. */
const IN_VIEW = 11;
const EMPTY = 11;
const KEPT_SECONDS = 3_600;
const USER = "MIRROR";
const PASSWORD = "simulator";
const RUNTIME = "sap/opu/odata/sap/PROD_RECO_RUNTIME_SRV";

/** @type {{ recommendations: Record<string, string[]> }} */
const catalogue = JSON.parse(readFileSync(join(demo, "catalogue/catalogue.json"), "utf8"));

export class Shop {
  /**
   * @param {System} system
   * @param {string} simulator
   */
  constructor(system, simulator) {
    this.system = system;
    this.simulator = `http://${simulator}/`;
  }

  /** All services, taught. */
  static async start() {
    const [simulator, ...others] = await freeAddresses(6);
    const system = new System(others);
    const shop = new Shop(system, simulator);
    Object.assign(system.env, {
      MIRROR_CAMERA: `replay:${shortScenes(join(system.folder, "scenes"))}`,
      MIRROR_PROVIDER: "sap-runtime",
      MIRROR_PRODUCTS: "occ",
      MIRROR_SAP_URL: shop.simulator,
      MIRROR_SAP_USER: USER,
      MIRROR_SAP_PASSWORD: PASSWORD,
      MIRROR_OCC_URL: `${shop.simulator}occ/v2`,
      MIRROR_OCC_SITE: "mirror-shop",
      MIRROR_SAP_SIMULATOR_ADDR: simulator,
      MIRROR_SAP_SIMULATOR_CATALOGUE: join(demo, "catalogue/catalogue.json"),
      MIRROR_SAP_SIMULATOR_EXPIRY_SECONDS: String(KEPT_SECONDS),
    });
    try {
      const launch = /** @type {(...names: string[]) => Promise<void>} */ (system.launch);
      await launch.call(system, "sap-simulator");
      await system.launch("inference", "recommender", "ui");
      await system.teach();
      return shop;
    } catch (error) {
      system.printLogs();
      await system.close();
      throw error;
    }
  }

  /**
   * The recommender starts anew, and has forgotten every answer and picture.
   * @param {"sap-runtime" | "none"} provider
   * @param {() => Promise<unknown>} whileAway
   */
  async forget(provider, whileAway) {
    await this.system.stop("recommender");
    const data = join(this.system.folder, "data");
    for (const end of ["", "-wal", "-shm"]) rmSync(join(data, `recommendations.db${end}`), { force: true });
    rmSync(join(data, "product-pictures"), { recursive: true, force: true });
    await whileAway();
    this.system.env.MIRROR_PROVIDER = provider;
    await this.system.launch("recommender");
  }

  /** How long each of the provider's answers takes beside its own time; pictures come as ever. @param {number} latency */
  async slow(latency) {
    const answer = await fetch(`${this.simulator}simulator/api/faults`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ only: ["runtime", "occ"], latency_ms: latency }),
    });
    if (!answer.ok) throw new Error(`the simulator answered ${answer.status}: ${await answer.text()}`);
  }

  /** How often the provider was asked since the recommender's start, and the milliseconds that took in all. */
  async asked() {
    const metrics = await (await fetch(`http://${this.system.env.MIRROR_RECOMMENDER_HTTP_ADDR}/metrics`)).text();
    const value = (/** @type {string} */ name) => {
      const found = new RegExp(`^mirror_provider_seconds_${name}\\{[^}]*\\} (\\S+)$`, "m").exec(metrics);
      return Number(found?.[1] ?? 0);
    };
    return { count: value("count"), milliseconds: value("sum") * 1_000 };
  }

  /**
   * The same calls made from here: the recommendations, then all their products at once.
   * @param {number} count
   * @returns {Promise<number[]>} milliseconds of each
   */
  async askDirectly(count) {
    const authorization = `Basic ${btoa(`${USER}:${PASSWORD}`)}`;
    const root = `${this.simulator}${RUNTIME}/`;
    const headers = { authorization, accept: "application/json" };
    const logon = await fetch(`${root}?saml2=disabled`, { headers: { ...headers, "x-csrf-token": "Fetch" } });
    await logon.text();
    const token = logon.headers.get("x-csrf-token") ?? "";
    const cookie = logon.headers.getSetCookie().map((set) => set.split(";")[0]).join("; ");
    const triggers = Object.keys(catalogue.recommendations);
    const times = [];
    for (let number = 0; number < count; number += 1) {
      const body = JSON.stringify({
        UserId: "",
        UserType: "ANONYMOUS",
        ExternalTracking: true,
        ScenarioHashes: [],
        Scenarios: [
          {
            ScenarioId: "MIRROR_TRIGGER",
            LeadingObjects: [
              { LeadingObjectType: "SAP_HYBRIS_PRODUCT", LeadingObjectId: triggers[number % triggers.length] },
            ],
            BasketObjects: [],
          },
        ],
        ResultObjects: [],
      });
      const start = performance.now();
      const answer = await fetch(`${root}RecommendationScenarios?saml2=disabled`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json", "x-csrf-token": token, cookie },
        body,
      });
      if (!answer.ok) throw new Error(`the simulator answered ${answer.status}: ${await answer.text()}`);
      /** @type {{ ResultObjectId: string }[]} */
      const results = (await answer.json()).d.ResultObjects.results;
      await Promise.all(
        results.map(async ({ ResultObjectId }) => {
          const product = `${this.simulator}occ/v2/mirror-shop/products/${ResultObjectId}?lang=en`;
          return (await fetch(product, { headers: { accept: "application/json" } })).json();
        }),
      );
      times.push(performance.now() - start);
    }
    return times;
  }
}

/** Of each of the demo's scenes the frames in which all of the product is in view, and some without one. @param {string} folder */
function shortScenes(folder) {
  /** @type {{ file: string, slug: string, visible: number }[]} */
  const all = JSON.parse(readFileSync(join(demo, "scenes.json"), "utf8"));
  const empty = all.filter(({ slug }) => slug === "empty").slice(0, EMPTY);
  const slugs = new Set(all.filter(({ slug }) => slug !== "empty").map(({ slug }) => slug));
  const frames = [...slugs].flatMap((slug) => {
    const inView = all.filter((frame) => frame.slug === slug && frame.visible > 0.95);
    return [...inView.slice(0, IN_VIEW), ...empty];
  });
  mkdirSync(folder);
  for (const [number, { file }] of frames.entries()) {
    symlinkSync(join(scenes, file), join(folder, `${String(number).padStart(4, "0")}.jpg`));
  }
  return folder;
}
