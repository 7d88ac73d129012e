// Requests to the mirror's HTTP interface, docs/http.md.

import { within } from "../../server/within";
import { troubleOf, type Trouble } from "./trouble";

/** Longer than the server takes for anything ordinary. */
const HANGS_MS = 20_000;

/** Where a refusal says that the PIN is wrong, not that a session has ended. */
const AT_THE_DOOR = ["/api/session", "/api/pin"];

export interface Asked {
  signal?: AbortSignal;
  /** For what takes its time. */
  hangsMs?: number;
}

export class Api {
  /** Told when an answer says that the session has ended. */
  onLocked: () => void = () => undefined;

  constructor(private readonly ask: typeof fetch = fetch.bind(globalThis)) {}

  get(path: string, asked?: Asked): Promise<unknown> {
    return this.#call("GET", path, undefined, asked);
  }

  post(path: string, body: object = {}, asked?: Asked): Promise<unknown> {
    return this.#call("POST", path, body, asked);
  }

  put(path: string, body: object): Promise<unknown> {
    return this.#call("PUT", path, body);
  }

  patch(path: string, body: object): Promise<unknown> {
    return this.#call("PATCH", path, body);
  }

  delete(path: string): Promise<unknown> {
    return this.#call("DELETE", path, {});
  }

  /** An answer whose body is still to come. The caller ends it. */
  async open(path: string, body: object, signal: AbortSignal): Promise<Response> {
    return this.#checked(await this.#send("POST", path, body, signal), false);
  }

  #call(method: string, path: string, body?: object, { signal, hangsMs = HANGS_MS }: Asked = {}): Promise<unknown> {
    return within<unknown>(signal, hangsMs, async (stop) => {
      const response = await this.#send(method, path, body, stop);
      await this.#checked(response, method === "POST" && AT_THE_DOOR.includes(path));
      return response.status === 204 ? null : response.json();
    });
  }

  #send(method: string, path: string, body: object | undefined, signal: AbortSignal): Promise<Response> {
    const json = body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    return this.ask(path, { method, ...json, signal, cache: "no-store" });
  }

  async #checked(response: Response, atTheDoor: boolean): Promise<Response> {
    if (response.ok) return response;
    const body: unknown = await response.json().catch(() => null);
    const trouble = troubleOf(response.status, body, response.headers.get("Retry-After"));
    throw atTheDoor ? trouble : this.failed(trouble);
  }

  /** What failed inside: the session may have ended. */
  failed(trouble: Trouble): Trouble {
    if (trouble.code === "UNAUTHENTICATED") this.onLocked();
    return trouble;
  }
}
