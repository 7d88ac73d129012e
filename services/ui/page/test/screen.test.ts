import assert from "node:assert/strict";
import { test } from "node:test";
import type { MirrorEvent } from "../src/contract";
import { noteOf, reduce, sceneKey, sceneOf, seesNothing, START, stateName, type Screen } from "../src/screen";

const sunglasses = { id: "3", name: "Sunglasses", confidence: 0.9 };
const hat = { productId: "CAP-210", name: "Straw hat", imageUrl: "", price: "", currency: "" };
const screenOf = (over: Partial<MirrorEvent>): Screen =>
  reduce(START, { kind: "mirror", event: { state: "IDLE", label: null, offers: null, away: [], ...over } });

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

test("a note is for old offers, and for missing ones only when their source is away", () => {
  const note = (over: Partial<MirrorEvent>) => noteOf(screenOf({ state: "RECOGNISED", label: sunglasses, ...over }));
  assert.equal(note({ offers: { cards: [hat], stale: true } }), "stale");
  assert.equal(note({ offers: { cards: [hat], stale: false } }), null);
  assert.equal(note({ offers: { cards: [], stale: false } }), null);
  assert.equal(note({ offers: { cards: [], stale: false }, away: ["PROVIDER"] }), "offersAway");
  assert.equal(note({ offers: null, away: ["PROVIDER"] }), "offersAway");
});
