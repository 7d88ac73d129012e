// The page over the real services: what the camera sees is what the glass shows.

import assert from "node:assert/strict";
import { expectedCards, products, sceneCount } from "./catalogue.mjs";
import { eventually } from "./eventually.mjs";
import { Fixture } from "./fixture.mjs";
import { judge, MAY_LINGER_MS } from "./judge.mjs";
import { Watcher } from "./watcher.mjs";

const mirror = new Fixture({ taught: true });

mirror.test("a product held up is shown with its cards, then the mirror is idle again", 120_000, async () => {
  const kiosk = await mirror.open();
  // What is on the screen already can't be told right from wrong: what led to it was not seen.
  await kiosk.sees("idle", ({ state }) => state === "idle", 30_000);
  const watcher = await Watcher.start(kiosk.page);
  const look = await kiosk.seesProduct(30_000);
  const { shown, wrong } = judge(await watcher.record(), products);
  assert.deepEqual(wrong, []);
  assert.equal(shown[look.label], 1);
  assert.equal(look.cards, look.shown.length);
  const cards = look.shown.map(({ id, name, price }) => ({ id, name, price }));
  assert.deepEqual(cards, expectedCards(look.label, "en", "en-US"));
  await kiosk.sees("idle again", ({ state, label, cards }) => state === "idle" && label === "" && cards === 0, 30_000);
});

mirror.test("each product of the demo is shown once and none at the wrong time", 300_000, async () => {
  const kiosk = await mirror.open();
  await kiosk.sees("idle", ({ state }) => state === "idle", 30_000);
  const watcher = await Watcher.start(kiosk.page);
  await watcher.played(sceneCount, 240_000);
  const record = await watcher.record();
  const { shown, wrong, withoutIdle, longest } = judge(record, products);
  const count = Object.values(shown).filter((times) => times > 0).length;
  console.log(
    `products shown: ${count}, wrong: ${wrong.length}, without idle before: ${withoutIdle.length}, ` +
      `frames: ${record.frames.length} of ${sceneCount}, longest on the glass after leaving view: ${Math.round(longest)} ms`,
  );
  assert.deepEqual(wrong, []);
  assert.deepEqual(withoutIdle, []);
  assert.deepEqual(shown, Object.fromEntries(products.map(({ name }) => [name, 1])));
  assert.ok(longest <= MAY_LINGER_MS, `a product stayed for ${longest} ms`);

  // The same page, after all of that.
  assert.deepEqual(kiosk.errors, []);
  assert.deepEqual(kiosk.complaints, []);
  assert.deepEqual([...kiosk.hosts], [new URL(mirror.system.url).host]);
  assert.match(kiosk.headers["content-security-policy"] ?? "", /^default-src 'self'/);
});

mirror.test("the ring shows what the camera sees, live", 120_000, async () => {
  const kiosk = await mirror.open();
  const brightness = () =>
    kiosk.page.evaluate(() => {
      const canvas = /** @type {HTMLCanvasElement | null} */ (document.querySelector('canvas.preview[data-live="true"]'));
      const pixels = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels ? [...pixels].filter((_, i) => i % 4 === 1) : [];
    });
  const first = await eventually("a drawn preview", async () => {
    const green = await brightness();
    return new Set(green).size > 16 && green;
  }, 30_000);
  await eventually("the next picture", async () => (await brightness()).some((value, i) => value !== first[i]), 30_000);
});

mirror.test("German visitors get German words, names and prices", 120_000, async () => {
  const kiosk = await mirror.open("?lang=de");
  const look = await kiosk.seesProduct(60_000);
  assert.equal(look.language, "de");
  const cards = look.shown.map(({ id, name, price }) => ({ id, name, price }));
  assert.deepEqual(cards, expectedCards(look.label, "de", "de"));
  assert.match(look.text, /in ihrer hand/i);
  await kiosk.sees("idle in German", ({ text }) => text.includes("Halten Sie ein Produkt vor den Spiegel"), 30_000);
});
