// What a kiosk loads before it shows anything: small devices read it from slow cards.

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const MOST_BYTES = 100_000;

test("the kiosk's first JavaScript is small, and three.js is not in it", () => {
  const page = readFileSync(join(dist, "index.html"), "utf8");
  // The build names every file that is imported statically, also by others, in the page itself.
  const files = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => String(file));
  assert.ok(files.length > 0, "a page without JavaScript");
  const sizes = Object.fromEntries(files.map((file) => [file, statSync(join(dist, file)).size]));
  const all = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  console.log(`first JavaScript of the kiosk: ${all} bytes`);
  assert.ok(all < MOST_BYTES, JSON.stringify(sizes));
  for (const file of files) assert.doesNotMatch(readFileSync(join(dist, file), "utf8"), /WebGLRenderer/, file);
});
