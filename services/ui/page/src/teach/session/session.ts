import { useCallback, useState } from "preact/hooks";
import { isObject } from "../../server/json";
import { useVisible } from "../../server/visible";
import type { Api } from "../api/api";
import type { Trouble } from "../api/trouble";
import { useResource } from "../state/resource";

type SessionState = "SETUP" | "LOCKED" | "OPEN";

export interface SessionNow {
  /** null: not known yet. */
  state: SessionState | null;
  managed: boolean;
  trouble: Trouble | null;
  /** What the page itself has learnt of it. */
  set(state: SessionState): void;
  /** Asks the server. */
  ask(): void;
}

export function parseSession(value: unknown): { state: SessionState; managed: boolean } {
  const { state, managed } = isObject(value) ? value : {};
  return { state: state === "SETUP" || state === "OPEN" ? state : "LOCKED", managed: managed === true };
}

/** Each time the session's cookie lives eight hours more. */
const RENEWED_MS = 3_600_000;

export function useSession(api: Api): SessionNow {
  const [state, set] = useState<SessionState | null>(null);
  const visible = useVisible();
  const asked = useResource({
    subject: visible ? "session" : null,
    again: () => RENEWED_MS,
    async load(signal) {
      const session = parseSession(await api.get("/api/session", { signal }));
      set(session.state);
      return session;
    },
  });
  return {
    state,
    managed: asked.value?.managed ?? false,
    trouble: asked.trouble,
    set,
    ask: useCallback(asked.reload, []),
  };
}
