import { useRef, useState } from "preact/hooks";
import type { TeachStrings } from "../../strings/teach";
import type { Api } from "../api/api";
import { newestUndoable, parseChanges } from "../contract/change";
import type { Faces } from "../labels/faces";
import type { Notice } from "./teaching";

export interface Changes {
  revision: number;
  /** Grows with each change that was taken back. */
  undone: number;
  notice: Notice | null;
  say(text: string): void;
  changed(text?: string): Promise<void>;
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
  const newest = async () => newestUndoable(parseChanges(await api.get("/api/changes")));

  return {
    revision,
    undone,
    notice,
    say: (text) => void show({ text, change: null }),
    async changed(text) {
      refresh();
      if (text === undefined) return;
      const id = show({ text, change: null });
      // Without an answer there is no undo here; the list of changes still has it.
      const change = await newest().catch(() => null);
      setNotice((now) => (now?.id === id ? { ...now, change: change?.id ?? null } : now));
    },
    async undo(change) {
      if (undoing.current) return;
      undoing.current = true;
      try {
        const found = await newest();
        if (!found) {
          show({ text: strings.changes.nothing, change: null });
        } else if (change !== null && found.id !== change) {
          show({ text: strings.changes.other, change: null, look: true });
        } else {
          await api.post("/api/undo");
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
