// The Python example's own tests, against real services that have been taught nothing.

import assert from "node:assert/strict";
import { Fixture } from "./fixture.mjs";
import { pythonExample } from "./places.mjs";
import { runPython } from "./python.mjs";

const mirror = new Fixture({ taught: false });

mirror.test("the Python example passes its tests", 240_000, async () => {
  assert.deepEqual(await mirror.system.labels(), {}, "the gallery starts empty");
  // unittest reports on stderr; a failure rejects, with the report in the error.
  const { stderr } = await runPython(["-m", "unittest", "-v", "test_mirror_client"], {
    cwd: pythonExample,
    env: mirror.system.env,
    timeout: 180_000,
  });
  console.log(stderr.trimEnd());
  assert.match(stderr, /^Ran [1-9]\d* tests? in /m);
  assert.match(stderr, /^OK$/m, "no test was left out");
  assert.deepEqual(await mirror.system.labels(), {}, "the tests leave nothing behind");
});
