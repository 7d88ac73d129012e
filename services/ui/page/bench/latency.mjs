// How long a visitor waits for the mirror beside the network's own time, and how much memory the services take.
//
//     npm run bench [-- [--frames N] [--quiet-page]]
//
// Real services, the demo's scenes, the taught gallery, a real browser with the kiosk page open. --quiet-page
// listens from an empty page instead: what the services take without a browser that draws on the same cores.

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { Kiosk, launchBrowser } from "../e2e/browser.mjs";
import { System } from "../e2e/system.mjs";
import { recordArrivals } from "./recorder.mjs";
import { percentile, table } from "./statistics.mjs";

const WARM_UP = 50;
const GOAL_ADDED_MS = 10;
const GOAL_MEMORY_MB = 150;

const { values: options } = parseArgs({
  options: { frames: { type: "string", default: "300" }, "quiet-page": { type: "boolean", default: false } },
});
const frames = Number(options.frames);
if (!Number.isInteger(frames) || frames < 1) throw new Error("--frames takes a whole number, 1 or more");

/** Resident memory in MB (10^6 bytes), as the kernel counts it. @param {number} pid */
function residentMemory(pid) {
  const found = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return (Number(found?.[1]) * 1024) / 1e6;
}

/** @param {boolean} reached */
const verdict = (reached) => (reached ? "reached" : "missed");

const system = await System.start();
const browser = await launchBrowser();
try {
  await system.teach();
  const kiosk = await Kiosk.open(browser, options["quiet-page"] ? `${system.url}livez` : system.url);
  const arrivals = await recordArrivals(kiosk.page, WARM_UP, frames);
  const memory = (/** @type {"inference" | "recommender" | "ui"} */ name) => residentMemory(system.service(name).pid);
  const [inference, recommender, ui] = [memory("inference"), memory("recommender"), memory("ui")];

  const stages = /** @type {const} */ (["decode", "wait", "resize", "embed", "classify"]);
  const added = arrivals.map(({ whole, embed }) => whole - embed);
  const rows = {
    whole: arrivals.map(({ whole }) => whole),
    "added (whole - embed)": added,
    ...Object.fromEntries(stages.map((stage) => [`  ${stage}`, arrivals.map((arrival) => arrival[stage])])),
    "  rest (transport)": arrivals.map((a) => a.whole - stages.reduce((sum, stage) => sum + a[stage], 0)),
  };
  const [first, last] = [arrivals[0], arrivals[arrivals.length - 1]];
  const seconds = (last.at - first.at) / 1000;
  const captured = last.frameId - first.frameId + 1;
  const addedP50 = percentile(added.toSorted((a, b) => a - b), 0.5);
  const both = inference + recommender;

  console.log(
    [
      `Capture to the browser, ${arrivals.length} frames after ${WARM_UP}, ${options["quiet-page"] ? "empty" : "kiosk"} page`,
      table(rows),
      "",
      `frame rate   ${((arrivals.length - 1) / seconds).toFixed(1)} /s; ${captured - arrivals.length} of ${captured} frames gave way to newer ones`,
      `memory       inference ${inference.toFixed(1)} MB, recommender ${recommender.toFixed(1)} MB, both ${both.toFixed(1)} MB (ui ${ui.toFixed(1)} MB)`,
      `machine      ${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores`,
      `date         ${new Date().toISOString()}`,
      `goals        added p50 < ${GOAL_ADDED_MS} ms: ${verdict(addedP50 < GOAL_ADDED_MS)}; both services < ${GOAL_MEMORY_MB} MB: ${verdict(both < GOAL_MEMORY_MB)}`,
    ].join("\n"),
  );
  if (addedP50 >= GOAL_ADDED_MS || both >= GOAL_MEMORY_MB) process.exitCode = 1;
} catch (error) {
  system.printLogs();
  throw error;
} finally {
  await browser.close();
  await system.close();
}
