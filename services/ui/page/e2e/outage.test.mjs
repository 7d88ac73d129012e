// Services that go away and come back: the page says so calmly, shows nothing it can't know, and recovers by itself.

import assert from "node:assert/strict";
import { eventually } from "./eventually.mjs";
import { Fixture } from "./fixture.mjs";
import { photograph } from "./glass.mjs";
import { Watcher } from "./watcher.mjs";

/** What the page must not say to a shop's visitors. */
const TECHNICAL = /error|exception|unavailable|grpc|http|timeout|127\.0\.0\.1|localhost|undefined|null|NaN/i;
/** A failed request is the browser's own note on a server that is away. */
const FAILED_REQUEST = /^Failed to load resource|net::ERR_/;
const NOTICED_WITHIN = 10_000;
const BACK_WITHIN = 60_000;

const mirror = new Fixture({ taught: true });

/** Lost with the document: tells whether the page was loaded anew. @param {import("./browser.mjs").Kiosk} kiosk */
const mark = (kiosk) => kiosk.page.evaluate(() => void Object.assign(window, { marked: true }));
/** @param {import("./browser.mjs").Kiosk} kiosk */
const isMarked = (kiosk) => kiosk.page.evaluate(() => "marked" in window);

/** @param {import("./browser.mjs").Kiosk} kiosk */
function assertNoFaults(kiosk) {
  assert.deepEqual(kiosk.errors, []);
  assert.deepEqual(kiosk.complaints.filter((text) => !FAILED_REQUEST.test(text)), []);
}

mirror.test("inference killed: calm words and no product; back: it goes on without a reload", 240_000, async () => {
  const kiosk = await mirror.open();
  const watcher = await Watcher.start(kiosk.page);
  await mark(kiosk);
  // The hardest moment: something is on the screen.
  await kiosk.seesProduct(BACK_WITHIN);

  await mirror.system.kill("inference");
  const look = await kiosk.sees("degraded", ({ state }) => state === "degraded", NOTICED_WITHIN);
  const degradedAt = await watcher.now();
  assert.match(look.text, /One moment, please/);
  assert.match(look.text, /Recognition is paused/);
  assert.match(look.text, /The mirror will be back in a moment/);
  assert.doesNotMatch(look.text, TECHNICAL);
  await eventually(
    "the preview no longer pretends to be live",
    () => kiosk.page.evaluate(() => document.querySelector("canvas.preview")?.getAttribute("data-live") === "false"),
    NOTICED_WITHIN,
  );
  assert.deepEqual(await photograph(kiosk, "degraded-en", ({ state }) => state === "degraded"), []);
  await watcher.pings(2, 60_000);
  const restartedAt = await watcher.now();
  const { changes } = await watcher.record();
  const during = changes.filter(({ at }) => at > degradedAt && at < restartedAt);
  assert.deepEqual(during.filter(({ state, label }) => label !== "" || state !== "degraded"), []);
  assert.equal((await kiosk.look()).state, "degraded");

  await mirror.system.launch("inference");
  await kiosk.seesProduct(BACK_WITHIN);
  assert.ok(await isMarked(kiosk), "the page was loaded anew");
  await eventually(
    "the preview is live again",
    () => kiosk.page.evaluate(() => document.querySelector("canvas.preview")?.getAttribute("data-live") === "true"),
    BACK_WITHIN,
  );
  assertNoFaults(kiosk);
});

mirror.test("recommender killed: calm words; back: the gallery is whole and the page recognises", 240_000, async () => {
  const kiosk = await mirror.open();
  await mark(kiosk);
  await kiosk.seesProduct(BACK_WITHIN);
  const before = await mirror.system.labels();
  assert.ok(Object.keys(before).length > 0, "nothing was taught");

  await mirror.system.kill("recommender");
  const look = await kiosk.sees("degraded", ({ state }) => state === "degraded", NOTICED_WITHIN);
  assert.equal(look.label, "");
  assert.match(look.text, /Recommendations are paused/);
  assert.doesNotMatch(look.text, TECHNICAL);

  await mirror.system.launch("recommender");
  assert.deepEqual(await mirror.system.labels(), before);
  await kiosk.seesProduct(BACK_WITHIN);
  assert.ok(await isMarked(kiosk), "the page was loaded anew");
  assertNoFaults(kiosk);
});

mirror.test("ui restarted: the page waits, then loads itself anew and shows the current state", 240_000, async () => {
  const kiosk = await mirror.open();
  await mark(kiosk);
  await kiosk.sees("a state", ({ state }) => state !== "connecting", BACK_WITHIN);

  await mirror.system.stop("ui");
  const look = await kiosk.sees("connecting", ({ state }) => state === "connecting", NOTICED_WITHIN);
  assert.match(look.text, /Reconnecting/);
  assert.doesNotMatch(look.text, TECHNICAL);

  await mirror.system.launch("ui");
  await eventually("the page is a new one", async () => !(await isMarked(kiosk)), BACK_WITHIN);
  await kiosk.seesProduct(BACK_WITHIN);
  assertNoFaults(kiosk);
});
