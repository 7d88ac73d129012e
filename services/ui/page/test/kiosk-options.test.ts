import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "../src/kiosk/options";
import { DEFAULTS } from "../src/server/settings";

test("the operator decides, and the address overrides", () => {
  assert.deepEqual(readOptions("", DEFAULTS), { preview: true, dimAfterMs: 600_000, storyStepMs: 6_500 });
  const set = { ...DEFAULTS, preview: false, dimAfterSeconds: 30 };
  assert.deepEqual(readOptions("?lang=de", set), { preview: false, dimAfterMs: 30_000, storyStepMs: 6_500 });
  const asked = readOptions("?preview=on&dim=0&story=0.5", set);
  assert.deepEqual(asked, { preview: true, dimAfterMs: 0, storyStepMs: 500 });
  assert.equal(readOptions("?preview=off", DEFAULTS).preview, false);
  for (const search of ["?story=off", "?story=0"]) assert.equal(readOptions(search, DEFAULTS).storyStepMs, 0);
});

test("what is no number of seconds counts for nothing", () => {
  for (const value of ["", "x", "-1", "Infinity"]) {
    const options = readOptions(`?dim=${value}&story=${value}`, DEFAULTS);
    assert.deepEqual(options, readOptions("", DEFAULTS), value);
  }
});
