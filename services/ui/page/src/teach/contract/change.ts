// The log of changes, and what comes of erasing and importing.

import { isObject, list, number, text } from "../../server/json";

const KINDS = [
  "CREATE_LABEL",
  "UPDATE_LABEL",
  "DELETE_LABEL",
  "ADD_SAMPLES",
  "MOVE_SAMPLE",
  "DELETE_SAMPLE",
  "IMPORT",
  "UNDO",
] as const;
export type ChangeKind = (typeof KINDS)[number] | "UNKNOWN";

export interface Change {
  id: number;
  at: string;
  kind: ChangeKind;
  /** The server's own sentence. */
  summary: string;
  undone: boolean;
  undoable: boolean;
}

function parseChange(value: unknown): Change {
  const change = isObject(value) ? value : {};
  return {
    id: number(change.id),
    at: text(change.at),
    kind: KINDS.find((known) => known === change.kind) ?? "UNKNOWN",
    summary: text(change.summary),
    undone: number(change.undone_by) > 0,
    undoable: change.undoable === true,
  };
}

export const parseChanges = (value: unknown): Change[] => list(isObject(value) ? value.changes : null).map(parseChange);

/** The one that an undo takes back. The server tells the newest first. */
export const newestUndoable = (changes: Change[]): Change | null => changes.find((change) => change.undoable) ?? null;

/** The newest, if it is of this kind and can be taken back: another phone may have changed something since. */
export function ownChange([newest]: Change[], kind: ChangeKind): Change | null {
  return newest?.undoable && newest.kind === kind ? newest : null;
}

interface Purged {
  labels: number;
  samples: number;
}

export function parsePurged(value: unknown): Purged {
  const purged = isObject(value) ? value : {};
  return { labels: number(purged.purged_labels), samples: number(purged.purged_samples) };
}

export interface Imported {
  labels: number;
  samples: number;
  known: number;
  pending: number;
  ignored: number;
}

export function parseImported(value: unknown): Imported {
  const imported = isObject(value) ? value : {};
  return {
    labels: number(imported.added_labels),
    samples: number(imported.added_samples),
    known: number(imported.known_samples),
    pending: number(imported.pending_samples),
    ignored: number(imported.ignored_samples),
  };
}
