import assert from "node:assert/strict";
import { test } from "node:test";
import type { MirrorEvent } from "../src/kiosk/contract";
import { isAtRest, noteOf, reduce, sceneKey, sceneOf, seesNothing, staleKey, START, stateName, type Screen } from "../src/kiosk/screen";

const sunglasses = { id: "3", name: "Sunglasses", confidence: 0.9, nearestSampleId: 41 };
const hat = { productId: "CAP-210", name: "Straw hat", imageUrl: "", targetUrl: "", price: "", currency: "" };
const bag = { ...hat, productId: "BAG-7", name: "Beach bag" };
const then = (screen: Screen, over: Partial<MirrorEvent>): Screen =>
  reduce(screen, { kind: "mirror", event: { state: "IDLE", label: null, offers: null, away: [], ...over } });
const screenOf = (over: Partial<MirrorEvent>): Screen => then(START, over);
/** Sunglasses, with the following cards. */
const sells = (cards: MirrorEvent["offers"], away: MirrorEvent["away"] = []): Partial<MirrorEvent> => ({
  state: "RECOGNISED",
  label: sunglasses,
  offers: cards,
  away,
});
const overdue = (screen: Screen): Screen => reduce(screen, { kind: "overdue" });
const fresh = { cards: [hat], stale: false };
const stale = { cards: [hat], stale: true };

test("before the first state the screen is black and connecting", () => {
  assert.equal(stateName(START), "connecting");
  assert.deepEqual(sceneOf(START), { kind: "blank" });
});

test("a lost connection keeps the last scene, and the next state ends it", () => {
  const shown = screenOf({ state: "RECOGNISED", label: sunglasses });
  const lost = reduce(shown, { kind: "lost" });
  assert.equal(stateName(lost), "connecting");
  assert.deepEqual(sceneOf(lost), sceneOf(shown));
  assert.equal(stateName(reduce(lost, { kind: "mirror", event: shown.last! })), "recognised");
});

test("cards that follow their label are the same scene, another label is another", () => {
  const key = (over: Partial<MirrorEvent>) => sceneKey(sceneOf(screenOf({ state: "RECOGNISED", ...over })));
  const alone = key({ label: sunglasses });
  assert.equal(key({ label: sunglasses, offers: { cards: [hat], stale: false } }), alone);
  assert.notEqual(key({ label: { ...sunglasses, id: "4" } }), alone);
});

test("recognised without a label is still looking", () => {
  assert.equal(sceneOf(screenOf({ state: "RECOGNISED" })).kind, "looking");
});

test("a degraded mirror that still recognises keeps showing the product", () => {
  const scene = (away: MirrorEvent["away"]) => sceneOf(screenOf({ state: "DEGRADED", label: sunglasses, away })).kind;
  assert.equal(scene(["ACCELERATOR"]), "product");
  assert.equal(scene(["ACCELERATOR", "CAMERA"]), "degraded");
  assert.equal(scene(["RECOMMENDER"]), "degraded");
  assert.equal(scene([]), "degraded");
});

test("the camera picture is not asked for when there can be none", () => {
  const blind = (away: MirrorEvent["away"]) => seesNothing(screenOf({ away }).last!);
  assert.equal(blind(["CAMERA"]), true);
  assert.equal(blind(["INFERENCE"]), true);
  assert.equal(blind(["PROVIDER", "RECOMMENDER"]), false);
});

test("a note is for missing offers only when their source is away", () => {
  const note = (...over: Parameters<typeof sells>) => noteOf(screenOf(sells(...over)));
  assert.equal(note(fresh), null);
  assert.equal(note({ cards: [], stale: false }), null);
  assert.equal(note(null), null);
  assert.equal(note({ cards: [], stale: false }, ["PROVIDER"]), "offersAway");
  assert.equal(note({ cards: [], stale: true }, ["PROVIDER"]), "offersAway");
  assert.equal(note(null, ["PROVIDER"]), "offersAway");
});

test("old offers are worth a note only when they have been so for long", () => {
  const shown = screenOf(sells(stale));
  assert.equal(noteOf(shown), null);
  assert.equal(noteOf(overdue(shown)), "stale");
  // Told again, or other cards that are as old: the note stays.
  assert.equal(noteOf(then(overdue(shown), sells(stale))), "stale");
  assert.equal(noteOf(then(overdue(shown), sells({ cards: [bag], stale: true }))), "stale");
  assert.equal(noteOf(then(overdue(shown), sells(null))), "stale");
  // Fetched anew, and old again: from the start.
  const fetched = then(overdue(shown), sells(fresh));
  assert.equal(noteOf(fetched), null);
  assert.equal(noteOf(then(fetched, sells(stale))), null);
  // Another label's offers are others.
  assert.equal(noteOf(then(overdue(shown), { ...sells(stale), label: { ...sunglasses, id: "4" } })), null);
});

test("only old cards that are on the screen try anybody's patience", () => {
  const key = (over: Partial<MirrorEvent>) => staleKey(screenOf(over));
  assert.equal(key(sells(fresh)), null);
  assert.equal(key(sells({ cards: [], stale: true })), null);
  assert.equal(key({ ...sells(stale), state: "LOOKING" }), null);
  assert.equal(key(sells(stale)), key(sells({ cards: [hat, bag], stale: true })));
  assert.notEqual(key(sells(stale)), key({ ...sells(stale), label: { ...sunglasses, id: "4" } }));
  // Came when the cards had just been fetched.
  assert.equal(noteOf(overdue(screenOf(sells(fresh)))), null);
});

test("a provider that is away changes nothing but the note", () => {
  const away: MirrorEvent["away"] = ["PROVIDER"];
  for (const state of ["IDLE", "LOOKING", "TEACHING"] as const) {
    assert.deepEqual(sceneOf(screenOf({ state, away })), sceneOf(screenOf({ state })));
  }
  for (const state of ["RECOGNISED", "DEGRADED"] as const) {
    const shown = screenOf({ ...sells(stale, away), state });
    assert.deepEqual(sceneOf(shown), sceneOf(screenOf(sells(stale))));
    assert.equal(noteOf(shown), null);
    assert.equal(noteOf(overdue(shown)), "stale");
  }
  assert.equal(noteOf(screenOf(sells(fresh, away))), null);
});

test("cards stay while others are on their way for the same label, and only then", () => {
  const shown = screenOf(sells(stale));
  assert.deepEqual(sceneOf(then(shown, sells(null))), sceneOf(shown));
  const none = { cards: [], stale: false };
  assert.deepEqual(sceneOf(then(shown, sells(none))), { kind: "product", label: sunglasses, offers: none });
  const hatLabel = { ...sunglasses, id: "4", name: "Hat" };
  assert.deepEqual(sceneOf(then(shown, { ...sells(null), label: hatLabel })), { kind: "product", label: hatLabel, offers: null });
  const gone = then(shown, { state: "LOOKING" });
  assert.deepEqual(sceneOf(then(gone, sells(null))), { kind: "product", label: sunglasses, offers: null });
});

test("nobody is there while the mirror is idle, sees nothing, or is out of reach", () => {
  const rests = (over: Partial<MirrorEvent>) => isAtRest(screenOf(over));
  assert.equal(isAtRest(START), true);
  assert.equal(rests({ state: "IDLE" }), true);
  assert.equal(rests({ state: "DEGRADED", away: ["CAMERA"] }), true);
  for (const state of ["LOOKING", "RECOGNISED", "TEACHING"] as const) assert.equal(rests({ state }), false, state);
  // Works with less, and somebody holds a product.
  assert.equal(rests({ state: "DEGRADED", label: sunglasses, away: ["ACCELERATOR"] }), false);
  assert.equal(isAtRest(reduce(screenOf(sells(fresh)), { kind: "lost" })), true);
});
