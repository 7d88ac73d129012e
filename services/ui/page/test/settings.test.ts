import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULTS, parseSettings } from "../src/server/settings";

test("settings are what the server wrote, and else the defaults", () => {
  const written = '{"language":"de","preview":false,"dim_after_seconds":0}';
  assert.deepEqual(parseSettings(written), { language: "de", preview: false, dimAfterSeconds: 0 });
  for (const content of ["", "{}", "[]", '{"language":1,"preview":"no","dim_after_seconds":-1}']) {
    assert.deepEqual(parseSettings(content), DEFAULTS, content);
  }
});
