// What can go wrong with a request, in the few kinds that people can be told of.

import { isObject, text } from "../../server/json";

const CODES = [
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "FAILED_PRECONDITION",
  "ABORTED",
  "RESOURCE_EXHAUSTED",
  "UNAVAILABLE",
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
] as const;
/** gRPC's, and what happens on the way to the server. */
export type TroubleCode = (typeof CODES)[number] | "OFFLINE" | "TIMEOUT" | "TOO_MANY" | "OTHER";

/** For answers without a code: from something between the phone and the mirror. */
const BY_STATUS: Record<number, TroubleCode> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  408: "TIMEOUT",
  409: "FAILED_PRECONDITION",
  413: "RESOURCE_EXHAUSTED",
  429: "TOO_MANY",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "TIMEOUT",
};

/** At least this long, where the server doesn't say. */
const WAIT_S = 5;

export class Trouble extends Error {
  constructor(
    readonly code: TroubleCode,
    /** The server's own sentence; may be empty. */
    readonly sentence = "",
    /** TOO_MANY: seconds until it may be tried again. */
    readonly waitS = 0,
  ) {
    super(sentence || code);
  }
}

/** Whether asking again a little later may do. */
export const passes = ({ code }: Trouble): boolean =>
  code === "OFFLINE" || code === "TIMEOUT" || code === "UNAVAILABLE" || code === "ABORTED";

/** An answer, or a line of one, that tells an error. */
export function troubleOf(status: number, body: unknown, retryAfter: string | null): Trouble {
  const { code, error } = isObject(body) ? body : {};
  const named = code === "DEADLINE_EXCEEDED" ? "TIMEOUT" : CODES.find((known) => known === code);
  if (status === 429) return new Trouble("TOO_MANY", text(error), Math.max(Number(retryAfter) || WAIT_S, 1));
  return new Trouble(named ?? (code === undefined ? (BY_STATUS[status] ?? "OTHER") : "OTHER"), text(error));
}

/** What a failed `fetch` throws; null: the page itself gave it up. */
export function troubleFrom(error: unknown): Trouble | null {
  if (error instanceof Trouble) return error;
  const name = error instanceof Error ? error.name : "";
  if (name === "AbortError") return null;
  return new Trouble(name === "TimeoutError" ? "TIMEOUT" : "OFFLINE");
}
