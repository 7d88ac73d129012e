// A child process with its output in a log file. Whatever way this process ends, its children end with it.

import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { eventually } from "./eventually.mjs";

/** @type {Set<() => void>} */
const cleanups = new Set();

/**
 * Runs `cleanup` when this process ends before it has been forgotten. Must not wait for anything.
 * @param {() => void} cleanup
 * @returns {() => void} forgets it
 */
export function atExit(cleanup) {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

process.once("exit", () => {
  for (const cleanup of cleanups) cleanup();
});
// Without a handler a signal ends Node without "exit", and the children would go on.
for (const [signal, number] of /** @type {const} */ ([["SIGHUP", 1], ["SIGINT", 2], ["SIGTERM", 15]])) {
  process.once(signal, () => process.exit(128 + number));
}

/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} End */

export class Child {
  /**
   * @param {string} command
   * @param {string[]} args
   * @param {{ log: string, env: Record<string, string | undefined>, cwd?: string, ownGroup?: boolean, atExit?: NodeJS.Signals }} options
   */
  constructor(command, args, { log, env, cwd, ownGroup = false, atExit: lastSignal = "SIGKILL" }) {
    this.log = log;
    const output = openSync(log, "a");
    const child = spawn(command, args, { env, cwd, detached: ownGroup, stdio: ["ignore", output, output] });
    closeSync(output);
    /** @type {End | null} */
    this.end = null;
    const forget = atExit(() => child.kill(lastSignal));
    /** @type {Promise<End>} */
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        forget();
        this.end = { code, signal };
        resolve(this.end);
      });
    });
    // Whoever waits for it hears of a failed start; nobody waiting is no crash.
    this.ended.catch(forget);
    this.child = child;
  }

  get pid() {
    if (this.child.pid === undefined) throw new Error(`${this.child.spawnfile} could not be started`);
    return this.child.pid;
  }

  /**
   * @param {NodeJS.Signals} signal
   * @param {number} within milliseconds
   * @returns {Promise<End>}
   */
  async stop(signal, within) {
    this.child.kill(signal);
    return eventually(`${this.child.spawnfile} ends after ${signal}`, () => this.end, within);
  }
}

/**
 * @param {string} log
 * @param {number} lines
 */
export function tail(log, lines) {
  return existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n") : "(no log)";
}
