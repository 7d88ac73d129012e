import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { whenPainted } from "../src/kiosk/painted";

/** A browser whose frames are the test's. */
class FakeDocument extends EventTarget {
  visibilityState = "visible";
}

let page: FakeDocument;
let frames: (() => void)[];
let seen: number;
let drawn: () => void;

function frame() {
  for (const callback of frames.splice(0)) callback();
}

beforeEach(() => {
  page = new FakeDocument();
  frames = [];
  seen = 0;
  const requestAnimationFrame = (callback: () => void) => frames.push(callback);
  Object.assign(globalThis, { document: page, requestAnimationFrame });
  drawn = whenPainted(() => {
    seen += 1;
  });
});

test("what was drawn is seen after the paint, not before", () => {
  drawn();
  assert.equal(seen, 0);
  frame();
  assert.equal(seen, 0);
  frame();
  assert.equal(seen, 1);
});

test("several changes before one paint are seen at once", () => {
  drawn();
  frame();
  drawn();
  frame();
  frame();
  assert.equal(seen, 1);
  drawn();
  frame();
  frame();
  assert.equal(seen, 2);
});

test("behind another page nothing is seen until it comes to the front", () => {
  page.visibilityState = "hidden";
  drawn();
  frame();
  frame();
  assert.equal(seen, 0);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  frame();
  frame();
  assert.equal(seen, 1);
});
