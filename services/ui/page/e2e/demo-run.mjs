// deploy/demo.sh as a process, and every process it starts.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { atExit, Child } from "./child.mjs";
import { eventually, GiveUp } from "./eventually.mjs";
import { demoScript, environment } from "./places.mjs";

/** The script may have to build first. */
const READY_WITHIN = 600_000;
const STOPS_WITHIN = 30_000;

/** A process is its number and when it was started: numbers are used again. @typedef {{ pid: number, start: string, command: string }} Process */

/** @returns {(Process & { parent: number })[]} */
function allProcesses() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        // The command's name, in brackets, may hold spaces and brackets itself.
        const open = stat.indexOf("(");
        const close = stat.lastIndexOf(")");
        const [state, parent, ...rest] = stat.slice(close + 2).split(" ");
        // A zombie has ended; only nobody has asked yet how.
        if (state === "Z") return [];
        return [{ pid: Number(name), parent: Number(parent), start: rest[17], command: stat.slice(open + 1, close) }];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
}

export class DemoRun {
  /** @type {Map<string, Process>} */
  #started = new Map();

  /**
   * @param {{ folder: string, cwd?: string, settings: Record<string, string>, name: string }} options
   */
  constructor({ folder, cwd, settings, name }) {
    this.log = join(folder, `${name}.log`);
    this.demo = new Child(demoScript, [], {
      log: this.log,
      env: environment(settings),
      cwd: cwd ?? folder,
      ownGroup: true,
      atExit: "SIGTERM",
    });
    this.#forget = atExit(() => this.#killStarted());
  }

  #forget;

  output() {
    return readFileSync(this.log, "utf8");
  }

  /** What the script has started and what that has started, as long as it lives. */
  #collect() {
    const all = allProcesses();
    const family = new Set([this.demo.pid]);
    for (let size = 0; size !== family.size; ) {
      size = family.size;
      for (const process of all) if (family.has(process.parent)) family.add(process.pid);
    }
    for (const process of all) if (family.has(process.pid)) this.#started.set(`${process.pid} ${process.start}`, process);
  }

  /** Of all that was started, what still runs. @returns {Process[]} */
  running() {
    return allProcesses().filter(({ pid, start }) => this.#started.has(`${pid} ${start}`));
  }

  /** The names of all processes that were seen. */
  get commands() {
    return [...this.#started.values()].map(({ command }) => command);
  }

  /** The address it prints when it is ready. */
  async ready() {
    return eventually(
      "the demo is ready",
      () => {
        this.#collect();
        const found = /^Mirror ready: (http:\/\/\S+)$/m.exec(this.output());
        if (!found && this.demo.end) throw new GiveUp(`the demo has ended: ${JSON.stringify(this.demo.end)}`);
        return found?.[1];
      },
      READY_WITHIN,
    );
  }

  /**
   * Ends it and waits until it and all it has started are gone.
   * @param {"SIGTERM" | "SIGINT"} signal
   */
  async stop(signal) {
    this.#collect();
    // A terminal sends Ctrl-C to the whole foreground group, whoever stops a service to the one process.
    process.kill(signal === "SIGINT" ? -this.demo.pid : this.demo.pid, signal);
    const end = await eventually(`the demo ends after ${signal}`, () => this.demo.end, STOPS_WITHIN);
    return { end, left: this.running() };
  }

  /** After a failed test: nothing may be left for the next one. */
  async discard() {
    if (!this.demo.end) await this.demo.stop("SIGTERM", STOPS_WITHIN).catch(() => undefined);
    this.#killStarted();
    this.#forget();
  }

  #killStarted() {
    for (const { pid } of this.running()) process.kill(pid, "SIGKILL");
  }
}
