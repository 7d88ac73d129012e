// Free loopback ports for services that are stopped and started again.

import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const LOWEST = 20_000;

/**
 * Outside the range from which the kernel takes the ports of outgoing connections: there, while a service is
 * down, its port could be given to somebody's connection, even to one that asks for that very port.
 */
function highest() {
  const range = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8");
  return Math.max(LOWEST + 2_000, Math.min(Number(range.trim().split(/\s+/)[0]), 60_000)) - 1;
}

/**
 * @param {number} count
 * @returns {Promise<string[]>} addresses, HOST:PORT
 */
export async function freeAddresses(count) {
  const span = highest() - LOWEST;
  /** @type {Set<number>} */
  const found = new Set();
  for (let tries = 0; found.size < count; tries += 1) {
    if (tries > 1_000) throw new Error("no free ports");
    const port = LOWEST + Math.floor(Math.random() * span);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found].map((port) => `127.0.0.1:${port}`);
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
