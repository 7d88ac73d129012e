// How long a visitor waits for the cards beside the label of the same product, and beside the provider.
//
//     node bench/recommendations.mjs [--showings N] [--calm]
//
// Real services, the simulator as provider, a real browser with the kiosk page open. In turn: labels alone, cards
// that are kept, cards that were never fetched, and those from a provider that takes 100 ms more for each answer.
// --calm asks the page for no motion: what its fades take is left out.

import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { Kiosk, launchBrowser } from "../e2e/browser.mjs";
import { products } from "../e2e/catalogue.mjs";
import { Shop } from "./shop.mjs";
import { forgetNotes, nextShowing, takeNotes } from "./showings.mjs";
import { percentile, table } from "./statistics.mjs";

/** @typedef {import("./showings.mjs").Showing} Showing */
/** @typedef {Showing & { provider: number }} Fetched */

const GOAL_WARM_MS = 5;
const GOAL_COLD_MS = 10;
const LATENCY_MS = 100;
const TURNS = 2;
const AWAY_WITHIN = 30_000;

const { values: options } = parseArgs({
  options: {
    showings: { type: "string", default: "50" },
    calm: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log("recommendations [--showings N] [--calm]\n  --showings  of each kind (50)\n  --calm      without the page's motion");
  process.exit();
}
const count = Number(options.showings);
if (!Number.isInteger(count) || count < 1) throw new Error("--showings takes a whole number, 1 or more");

const loadBefore = loadavg()[0];
const shop = await Shop.start();
const browser = await launchBrowser();
try {
  const kiosk = await Kiosk.open(browser, shop.system.url);
  if (options.calm) await kiosk.page.emulateMedia({ reducedMotion: "reduce" });
  await takeNotes(kiosk.page);
  const forget = (/** @type {"sap-runtime" | "none"} */ provider) => {
    // Then what is shown afterwards is shown for the first time.
    return shop.forget(provider, async () => {
      await kiosk.sees("the recommender is away", ({ scene }) => scene === "degraded", AWAY_WITHIN);
      await forgetNotes(kiosk.page);
    });
  };

  /**
   * @param {"sap-runtime" | "none"} provider
   * @param {number} wanted
   */
  const settled = async (provider, wanted) => {
    /** @type {Showing[]} */
    const all = [];
    await forget(provider);
    // Each product once, so that all is kept that there is.
    for (let number = 0; number < products.length; number += 1) await nextShowing(kiosk.page);
    const { count: before } = await shop.asked();
    while (all.length < wanted) {
      const showing = await nextShowing(kiosk.page);
      if ((showing.cards === null) !== (provider === "none")) throw new Error(`with ${provider}: ${JSON.stringify(showing)}`);
      all.push(showing);
    }
    if ((await shop.asked()).count !== before) throw new Error("the provider was asked for what is kept");
    return all;
  };

  const fetched = async () => {
    /** @type {Fetched[]} */
    const all = [];
    const left = { notAsked: 0, noCards: 0 };
    while (all.length < count) {
      await forget("sap-runtime");
      const seen = new Set();
      let before = await shop.asked();
      while (all.length < count) {
        const showing = await nextShowing(kiosk.page);
        if (seen.has(showing.label)) break;
        seen.add(showing.label);
        const now = await shop.asked();
        if (now.count !== before.count + 1) left.notAsked += 1;
        else if (!showing.cards) left.noCards += 1;
        else all.push({ ...showing, provider: now.milliseconds - before.milliseconds });
        before = now;
        if (seen.size === products.length) break;
      }
      if (left.notAsked + left.noCards > count) throw new Error("most products come up without having been fetched for");
    }
    return { all, left, direct: await shop.askDirectly(count), load: loadavg()[0] };
  };

  /** @type {Showing[]} */
  const alone = [];
  /** @type {Showing[]} */
  const warm = [];
  // In turn, so that what else the machine does meets both.
  for (let turn = 0; turn < TURNS; turn += 1) {
    alone.push(...(await settled("none", Math.ceil(count / TURNS))));
    warm.push(...(await settled("sap-runtime", Math.ceil(count / TURNS))));
  }
  const loadWarm = loadavg()[0];
  const cold = await fetched();
  await shop.slow(LATENCY_MS);
  const slow = await fetched();

  const sorted = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b);
  const p50 = (/** @type {number[]} */ values) => percentile(sorted(values), 0.5);
  /** @param {string} title @param {Record<string, number[]>} rows */
  const section = (title, rows) => console.log(`${title}\n${table(rows)}\n`);
  /** @param {Showing[]} all */
  const labels = (all) => ({
    "recognised to label told": all.map(({ recognised, told }) => told - recognised),
    "recognised to label in the document": all.map(({ recognised, shown }) => shown - recognised),
    "recognised to label painted": all.map(({ recognised, painted }) => painted - recognised),
  });
  /**
   * @template {Showing} T
   * @param {T[]} all
   * @param {(cards: import("./showings.mjs").Cards, showing: T) => number} value
   */
  const cards = (all, value) => all.flatMap((showing) => (showing.cards ? [value(showing.cards, showing)] : []));
  /** @param {Showing[]} all */
  const rowsOf = (all) => ({
    ...labels(all),
    "recognised to cards told": cards(all, (of, { recognised }) => of.told - recognised),
    "recognised to cards in the document": cards(all, (of, { recognised }) => of.shown - recognised),
    "recognised to cards painted": cards(all, (of, { recognised }) => of.painted - recognised),
    "cards painted - label painted": cards(all, (of, { painted }) => of.painted - painted),
    "cards in the document to their pictures there": cards(all, (of) => of.pictured - of.shown).filter(Number.isFinite),
  });
  // Nothing can come before the label, and nothing before the answer.
  const told = (/** @type {Fetched[]} */ all) => cards(all, (of, one) => of.told - one.told - one.provider);
  const shown = (/** @type {Fetched[]} */ all) => cards(all, (of, one) => of.shown - Math.max(one.shown, one.told + one.provider));
  const painted = (/** @type {Fetched[]} */ all) =>
    cards(all, (of, one) => of.painted - Math.max(one.painted, one.told + one.provider));
  /** @param {{ all: Fetched[], direct: number[] }} measured */
  const coldRows = ({ all, direct }) => ({
    ...rowsOf(all),
    "provider, as the recommender measures it": all.map(({ provider }) => provider),
    "provider, asked directly": direct,
    "told: cards - label - provider": told(all),
    "painted: cards - label - provider": cards(all, (of, one) => of.painted - one.painted - one.provider),
    "in the document: cards - the later of label and provider": shown(all),
    "painted: cards - the later of label and provider": painted(all),
  });

  /** @param {typeof cold} measured */
  const counted = ({ all, left, load }) =>
    `${all.length} showings (left out: ${left.noCards} gone before their cards came, ${left.notAsked} not asked for once); load ${load.toFixed(2)}`;
  section(`Labels alone, ${alone.length} showings`, labels(alone));
  section(`Cards that are kept, ${warm.length} showings; load ${loadWarm.toFixed(2)}`, rowsOf(warm));
  section(`Cards never fetched, ${counted(cold)}`, coldRows(cold));
  section(`Cards never fetched, answers ${LATENCY_MS} ms later, ${counted(slow)}`, coldRows(slow));

  const p50Of = (/** @type {Showing[]} */ all, /** @type {"shown" | "painted"} */ what) =>
    p50(all.map((one) => (one.cards ?? one)[what] - one.recognised));
  const goals = [
    ["kept, in the document p50 beside labels alone", p50Of(warm, "shown") - p50Of(alone, "shown"), GOAL_WARM_MS],
    ["kept, painted p50 beside labels alone", p50Of(warm, "painted") - p50Of(alone, "painted"), GOAL_WARM_MS],
    ["never fetched, in the document p50 beside label and provider", p50(shown(cold.all)), GOAL_COLD_MS],
    ["never fetched, painted p50 beside label and provider", p50(painted(cold.all)), GOAL_COLD_MS],
    [`${LATENCY_MS} ms later, in the document p50 beside label and provider`, p50(shown(slow.all)), GOAL_COLD_MS],
    [`${LATENCY_MS} ms later, painted p50 beside label and provider`, p50(painted(slow.all)), GOAL_COLD_MS],
  ].map(([what, added, goal]) => ({ what, added: Number(added), goal: Number(goal) }));
  const missed = goals.filter(({ added, goal }) => added >= goal);
  console.log(
    [
      `machine      ${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores, load ${loadBefore.toFixed(2)} before`,
      `date         ${new Date().toISOString()}`,
      ...goals.map((one) => {
        const verdict = missed.includes(one) ? "missed" : "reached";
        return `goal         ${one.what}: ${one.added.toFixed(2)} ms, < ${one.goal} ms: ${verdict}`;
      }),
    ].join("\n"),
  );
  if (missed.length > 0) process.exitCode = 1;
} catch (error) {
  shop.system.printLogs();
  throw error;
} finally {
  await browser.close();
  await shop.system.close();
}
