import { useRef, useState } from "preact/hooks";
import type { TeachStrings } from "../../strings/teach";
import type { Api } from "../api/api";
import { troubleFrom } from "../api/trouble";
import { newestUndoable, ownChange, parseChanges, type ChangeKind } from "../contract/change";
import type { Faces } from "../labels/faces";
import type { Notice } from "./teaching";

export interface Changes {
  revision: number;
  /** Grows with each change that was taken back. */
  undone: number;
  notice: Notice | null;
  say(text: string): void;
  /** `more`: only tells more of what was told already, if that is still what is told. */
  changed(text?: string, kind?: ChangeKind, more?: boolean): Promise<void>;
  undo(change: number | null): Promise<void>;
  /** The notice has been seen; null: whichever is there. */
  gone(notice: number | null): void;
}

/** What was changed here, and taking it back: only what is still the newest change, as others may teach as well. */
export function useChanges(api: Api, strings: TeachStrings, faces: Faces): Changes {
  const [revision, setRevision] = useState(0);
  const [undone, setUndone] = useState(0);
  const [notice, setNotice] = useState<Notice | null>(null);
  const last = useRef(0);
  const told = useRef(notice);
  told.current = notice;
  const undoing = useRef(false);

  const show = (more: Omit<Notice, "id">): number => {
    last.current += 1;
    setNotice({ id: last.current, ...more });
    return last.current;
  };
  const refresh = () => {
    faces.forget();
    setRevision((count) => count + 1);
  };
  const list = async () => parseChanges(await api.get("/api/changes"));

  const overtaken = () => void show({ text: strings.changes.other, change: null, look: true });
  /** Whether it was taken back; the server refuses where another one came between the look and the deed. */
  const take = async (id: number): Promise<boolean> => {
    try {
      await api.post("/api/undo", { change_id: id });
      return true;
    } catch (error) {
      const code = troubleFrom(error)?.code;
      if (code !== "FAILED_PRECONDITION" && code !== "ABORTED") throw error;
      overtaken();
      return false;
    }
  };

  return {
    revision,
    undone,
    notice,
    say: (text) => void show({ text, change: null }),
    async changed(text, kind, more = false) {
      refresh();
      const before = told.current;
      if (text === undefined || kind === undefined || (more && before?.kind !== kind)) return;
      const id = more && before ? before.id : show({ text, change: null, kind });
      // Without an answer there is no undo here; the list of changes still has it.
      const change = ownChange(await list().catch(() => []), kind);
      setNotice((now) => (now?.id === id ? { ...now, text, change: change?.id ?? null } : now));
    },
    async undo(change) {
      if (undoing.current) return;
      undoing.current = true;
      try {
        const found = newestUndoable(await list());
        if (!found) {
          show({ text: strings.changes.nothing, change: null });
        } else if (change !== null && found.id !== change) {
          overtaken();
        } else if (await take(found.id)) {
          setUndone((count) => count + 1);
          show({ text: strings.changes.undone(strings.changes.kinds[found.kind]), change: null });
        }
        refresh();
      } finally {
        undoing.current = false;
      }
    },
    gone: (id) => setNotice((now) => (id === null || now?.id === id ? null : now)),
  };
}
