// Hours before a mirror in minutes of reading: the pages are open, the demo's scenes pass, and memory is written down.
//
//     npm run soak [-- --minutes 60]
//
// Real services, the taught gallery, a browser with the kiosk (its story in quick steps, so that it comes up between
// the scenes), the embedding space and the status page. Ends with 1 when something has grown.

import { parseArgs } from "node:util";
import { Kiosk, launchBrowser, Visit } from "../e2e/browser.mjs";
import { growth, measure } from "../e2e/memory.mjs";
import { System } from "../e2e/system.mjs";

const EVERY_MS = 15_000;
/** What may come on top of the first fifth: caches fill and heaps breathe; a leak of a page goes beyond it in an hour. */
const MAY_GROW_BY = 0.1;
const MAY_GROW = { MB: 3, nodes: 60, listeners: 20 };

const { values: options } = parseArgs({ options: { minutes: { type: "string", default: "60" } } });
const minutes = Number(options.minutes);
if (!(minutes >= 3)) throw new Error("--minutes takes a number, 3 or more");

/** @param {{ name: string, from: number, to: number }} figure */
function grew({ name, from, to }) {
  const slack = name.endsWith("nodes") ? MAY_GROW.nodes : name.endsWith("listeners") ? MAY_GROW.listeners : MAY_GROW.MB;
  return to > from + Math.max(slack, MAY_GROW_BY * from);
}

const system = await System.start();
const browser = await launchBrowser({ webgl: true });
try {
  await system.teach();
  const small = { viewport: { width: 800, height: 480 } };
  const visits = {
    kiosk: await Kiosk.open(browser, `${system.url}?story=0.5`, small),
    space: await Visit.open(browser, `${system.url}space`, small),
    status: await Visit.open(browser, `${system.url}status`, small),
  };
  const samples = [];
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    samples.push(await measure(system, browser, visits));
  }
  const figures = growth(samples);
  console.log(`${minutes} minutes, ${samples.length} samples; medians of the first and the last fifth, after a fifth to warm up`);
  const rounded = (/** @type {number} */ value) => Math.round(value * 100) / 100;
  console.table(
    Object.fromEntries(
      figures.map((figure) => [
        figure.name,
        { first: rounded(figure.from), last: rounded(figure.to), most: rounded(figure.most), grew: grew(figure) },
      ]),
    ),
  );
  const faults = Object.values(visits).flatMap(({ errors, complaints }) => [...errors, ...complaints]);
  console.log(`errors of the pages: ${faults.length}`, ...faults.slice(0, 5));
  if (figures.some(grew) || faults.length > 0) process.exitCode = 1;
} finally {
  await browser.close();
  await system.close();
}
