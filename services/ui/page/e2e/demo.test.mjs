// deploy/demo.sh: one command to a running mirror, and nothing left behind.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { Kiosk, launchBrowser } from "./browser.mjs";
import { labels, products, sceneCount } from "./catalogue.mjs";
import { atExit } from "./child.mjs";
import { DemoRun } from "./demo-run.mjs";
import { freeAddresses } from "./ports.mjs";
import { Watcher } from "./watcher.mjs";

const SERVICES = ["mirror-inference", "mirror-recommender", "mirror-ui", "mirror-sap-simulator"];

const folder = mkdtempSync(join(tmpdir(), "mirror-demo-"));
const remove = () => rmSync(folder, { recursive: true, force: true });
atExit(remove);
after(remove);

/** @type {DemoRun | undefined} */
let run;
afterEach(async () => {
  await run?.discard();
  run = undefined;
});

/** Moved listeners: the usual ports may be in use. */
async function addresses() {
  const [ui, inference, recommender, simulator, inferenceHttp, recommenderHttp] = await freeAddresses(6);
  return {
    MIRROR_UI_ADDR: ui,
    MIRROR_INFERENCE_ADDR: inference,
    MIRROR_RECOMMENDER_ADDR: recommender,
    MIRROR_SAP_SIMULATOR_ADDR: simulator,
    MIRROR_INFERENCE_HTTP_ADDR: inferenceHttp,
    MIRROR_RECOMMENDER_HTTP_ADDR: recommenderHttp,
  };
}

/**
 * @param {string} name
 * @param {() => Promise<void>} body
 */
function demoTest(name, body) {
  test(name, { timeout: 900_000 }, async () => {
    try {
      await body();
    } catch (error) {
      if (run) console.log(`--- deploy/demo.sh ---\n${run.output()}`);
      throw error;
    }
  });
}

/** @param {DemoRun} demo @param {"SIGTERM" | "SIGINT"} signal */
async function assertStops(demo, signal) {
  const names = demo.running().map(({ command }) => command);
  // The kernel keeps fifteen letters of a name.
  for (const service of SERVICES) assert.ok(names.includes(service.slice(0, 15)), `${service} does not run: ${names}`);
  const { end, left } = await demo.stop(signal);
  assert.deepEqual(end, { code: 0, signal: null });
  assert.deepEqual(left, [], "left behind");
}

demoTest("a first run teaches, serves the page, and SIGTERM ends all of it", async () => {
  const settings = { ...(await addresses()), MIRROR_DATA_DIR: join(folder, "data") };
  run = new DemoRun({ folder, name: "first", settings });
  const url = await run.ready();
  assert.equal(url, `http://${settings.MIRROR_UI_ADDR}/`);
  assert.equal(run.output().match(/^\[\d+\/\d+\] .+: [1-9]\d* samples added$/gm)?.length, labels.length);
  const page = await fetch(url);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /<html/);
  await assertStops(run, "SIGTERM");
  await assert.rejects(fetch(url), "the page still answers");
});

// Goes on with what the first run has taught.
demoTest("a second run, from elsewhere, has kept what was taught, and Ctrl-C ends it", async () => {
  // The same directory as before, named from where the command is given.
  const settings = { ...(await addresses()), MIRROR_DATA_DIR: "data" };
  run = new DemoRun({ folder, name: "second", cwd: folder, settings });
  await run.ready();
  const output = run.output();
  assert.equal(output.match(/: has 16 samples already$/gm)?.length, products.length, output);
  assert.equal(output.match(/: has \d+ samples already$/gm)?.length, labels.length, output);
  assert.doesNotMatch(output, /samples added/);
  await assertStops(run, "SIGINT");
});

demoTest("without teaching the page runs and recognises nothing", async () => {
  const settings = { ...(await addresses()), MIRROR_DATA_DIR: join(folder, "empty"), MIRROR_DEMO_TEACH: "0" };
  run = new DemoRun({ folder, name: "untaught", settings });
  const browser = await launchBrowser();
  try {
    const kiosk = await Kiosk.open(browser, await run.ready());
    const watcher = await Watcher.start(kiosk.page);
    await kiosk.sees("idle or looking", ({ state }) => state === "idle" || state === "looking", 30_000);
    // An eighth of the scenes: one product comes and goes.
    await watcher.played(Math.ceil(sceneCount / 8), 120_000);
    const { frames, changes } = await watcher.record();
    assert.ok(frames.some(({ slug }) => slug !== "empty"), "no product was in view");
    assert.deepEqual(changes.filter(({ label }) => label !== ""), []);
    const states = new Set(changes.map(({ state }) => state));
    states.delete("connecting");
    assert.deepEqual([...states].filter((state) => state !== "idle" && state !== "looking"), []);
    assert.ok(states.size > 0);
  } finally {
    await browser.close();
  }
  assert.doesNotMatch(run.output(), /samples added|Teaching/);
  await assertStops(run, "SIGTERM");
});

demoTest("a taken port is named, with the variable that moves it, and nothing is started", async () => {
  const settings = { ...(await addresses()), MIRROR_DATA_DIR: join(folder, "taken") };
  for (const variable of /** @type {const} */ (["MIRROR_UI_ADDR", "MIRROR_RECOMMENDER_HTTP_ADDR"])) {
    const server = createServer();
    const port = Number(settings[variable].split(":")[1]);
    await new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(undefined)));
    try {
      run = new DemoRun({ folder, name: `taken-${variable}`, settings });
      const { code } = await run.demo.ended;
      assert.ok(code, `exit code ${code}`);
      assert.ok(run.output().includes(settings[variable]), run.output());
      assert.ok(run.output().includes(`${variable}=`), run.output());
      assert.doesNotMatch(run.output(), /Mirror ready/);
    } finally {
      server.close();
    }
  }
});
