// Where the built programs, the demo's files and the results are. deploy/setup.sh and cargo have made them.

import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../../..");
export const cache = resolve(root, process.env.MIRROR_CACHE_DIR || ".cache");
export const demo = join(cache, "demo");
export const scenes = join(demo, "scenes");
export const screenshots = join(cache, "e2e-screenshots");
export const python = join(cache, "venv/bin/python");
export const pythonExample = join(root, "deploy/examples/python");
export const demoScript = join(root, "deploy/demo.sh");
export const chromium = "/usr/bin/chromium";

const release = join(resolve(root, process.env.CARGO_TARGET_DIR || "target"), "release");

/** @param {string} service */
export const binary = (service) => join(release, `mirror-${service}`);

// What the machine decides (which model and accelerator) may come from outside; what a test decides must not: a
// mirror's own settings in this shell would lead its services to another data directory or port.
const FROM_OUTSIDE = ["MIRROR_MODEL", "MIRROR_ACCELERATOR", "MIRROR_THREADS"];

/**
 * The environment of a started program.
 * @param {Record<string, string>} settings
 * @returns {Record<string, string | undefined>}
 */
export function environment(settings) {
  const outside = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("MIRROR_") || FROM_OUTSIDE.includes(name),
  );
  const library = join(cache, "runtime");
  return {
    MIRROR_MODEL: join(cache, "models/efficientnet_lite0_headless_int8.tflite"),
    ...Object.fromEntries(outside),
    LD_LIBRARY_PATH: [library, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
    MIRROR_CACHE_DIR: cache,
    ...settings,
  };
}
