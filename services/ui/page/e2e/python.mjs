// Runs Python programs of the repository.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { python } from "./places.mjs";

const run = promisify(execFile);

/**
 * @param {string[]} args
 * @param {{ cwd: string, env: Record<string, string | undefined>, timeout: number }} options
 * @returns {Promise<{ stdout: string, stderr: string }>} rejects when the exit code isn't 0
 */
export async function runPython(args, options) {
  // -B: no compiled files in the source tree.
  return run(python, ["-B", ...args], { ...options, killSignal: "SIGKILL", maxBuffer: 16 << 20 });
}
