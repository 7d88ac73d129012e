import assert from "node:assert/strict";
import { test } from "node:test";
import { deTeach } from "../src/strings/de/teach";
import { enTeach } from "../src/strings/en/teach";
import { sayImported } from "../src/teach/more/data";
import { formatShare, formatTime, formatWait } from "../src/teach/parts/time";
import { hrefOf, parentOf, parseRoute, tabOf, viewKey, type Route } from "../src/teach/state/route";

test("numbers have their words in the right number", () => {
  const one = { labels: 1, samples: 1, known: 1, pending: 1, ignored: 1 };
  const many = { labels: 0, samples: 2, known: 3, pending: 4, ignored: 5 };
  assert.equal(
    sayImported(one, enTeach.data),
    "1 label and 1 picture added. 1 picture was there already. 1 picture is being learnt for this model. 1 picture waits for another model.",
  );
  assert.equal(
    sayImported(many, deTeach.data),
    "0 Begriffe und 2 Bilder hinzugefügt. 3 Bilder waren schon da. 4 Bilder werden gerade für dieses Modell gelernt. 5 Bilder warten auf ein anderes Modell.",
  );
  assert.equal(
    sayImported({ ...many, known: 0, pending: 0, ignored: 0 }, enTeach.data),
    "0 labels and 2 pictures added.",
  );
  assert.equal(deTeach.quality.confused(1, "Birne", "Apfel"), "1 Bild von „Birne“ wird für „Apfel“ gehalten");
  assert.equal(deTeach.quality.headline(24, 25), "Erkennt 24 von 25 Testbildern");
  assert.equal(enTeach.quality.headline(1, 1), "Recognises 1 of 1 test picture");
});

test("both languages have words for the same things", () => {
  const keys = (value: unknown, path = ""): string[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => keys(inner, `${path}.${key}`))
      : [`${path} ${typeof value}`];
  assert.deepEqual(keys(deTeach).sort(), keys(enTeach).sort());
});

test("shares, waits and times as people write them", () => {
  assert.equal(formatShare(0.032, "en"), "3.2%");
  assert.equal(formatShare(1, "en"), "100%");
  assert.equal(formatShare(0, "en"), "0%");
  assert.deepEqual([199 / 200, 0.29, Math.fround(0.7)].map((share) => formatShare(share, "en")), ["99%", "29%", "70%"]);
  assert.deepEqual([formatWait(9), formatWait(60), formatWait(75)], ["9 s", "1 min", "1 min 15 s"]);
  const now = new Date(2026, 10, 25, 12);
  assert.equal(formatTime(new Date(2026, 10, 25, 9, 5).toISOString(), "de", now), "09:05");
  assert.match(formatTime(new Date(2026, 10, 24, 9, 5).toISOString(), "en", now), /Nov 24/);
  assert.match(formatTime(new Date(2025, 10, 24, 9, 5).toISOString(), "en", now), /Nov 24, 2025/);
  assert.equal(formatTime("", "en"), "");
});

test("every view has an address that leads to it", () => {
  const routes: Route[] = [
    { view: "labels" },
    { view: "new" },
    { view: "label", id: 3, sample: null },
    { view: "label", id: 3, sample: 9 },
    { view: "edit", id: 3 },
    { view: "verdicts", verdict: null },
    { view: "verdicts", verdict: 12 },
    { view: "quality" },
    { view: "more" },
    { view: "changes" },
    { view: "data" },
    { view: "device" },
    { view: "security" },
  ];
  for (const route of routes) assert.deepEqual(parseRoute(hrefOf(route)), route);
});

test("an address that means nothing leads to the labels", () => {
  for (const hash of ["", "#", "#/", "#/teach", "#/teach/x", "#/teach/0", "#/elsewhere", "#/teach/-1/edit"]) {
    assert.deepEqual(parseRoute(hash), { view: "labels" }, hash);
  }
  assert.deepEqual(parseRoute("#/more/elsewhere"), { view: "more" });
  assert.deepEqual(parseRoute("#/teach/3/picture/x"), { view: "label", id: 3, sample: null });
});

test("back leads up, and a sheet is no view of its own", () => {
  assert.deepEqual(parentOf({ view: "edit", id: 3 }), { view: "label", id: 3, sample: null });
  assert.deepEqual(parentOf({ view: "device" }), { view: "more" });
  assert.equal(parentOf({ view: "quality" }), null);
  assert.equal(tabOf({ view: "edit", id: 3 }), "teach");
  assert.equal(tabOf({ view: "changes" }), "more");
  assert.equal(viewKey({ view: "label", id: 3, sample: null }), viewKey({ view: "label", id: 3, sample: 9 }));
  assert.notEqual(viewKey({ view: "label", id: 3, sample: null }), viewKey({ view: "label", id: 4, sample: null }));
});
