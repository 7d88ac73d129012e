// What all views of the page need.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Code, Language } from "../../language/choose";
import type { TeachStrings } from "../../strings/teach";
import type { Api } from "../api/api";
import type { ChangeKind } from "../contract/change";
import type { Label } from "../contract/label";
import type { Faces } from "../labels/faces";
import type { Feed } from "../live/feed";
import type { Changes } from "./changes";
import type { Resource } from "./resource";

export interface Notice {
  /** Tells two notices with the same words apart. */
  id: number;
  text: string;
  /** The change that can be taken back; null: none. */
  change: number | null;
  /** What was changed. */
  kind?: ChangeKind;
  /** Whether to lead to the changes instead. */
  look?: boolean;
}

interface Session {
  managed: boolean;
  signOut(): Promise<void>;
}

export interface Teaching {
  language: Language<TeachStrings>;
  choose(code: Code): void;
  api: Api;
  session: Session;
  /** False behind the lock. */
  open: boolean;
  /** False behind the lock and in a hidden tab: nothing is to be asked then. */
  live: boolean;
  labels: Resource<Label[]>;
  /** Grows with each change to what was taught. */
  revision: number;
  /** Grows with each change that was taken back here. */
  undone: number;
  faces: Faces;
  feed: Feed;
  say(text: string): void;
  /** What was said is no longer worth saying. */
  hush(): void;
  /** Something was changed: all is asked for anew, and with words, an undo is offered of what was of this kind. */
  changed: Changes["changed"];
  /** Takes a change back, if it is still the newest; null: whichever is. */
  undo(change: number | null): Promise<void>;
}

export const TeachingContext = createContext<Teaching | null>(null);

export function useTeaching(): Teaching {
  const teaching = useContext(TeachingContext);
  if (!teaching) throw new Error("used outside of the teaching page");
  return teaching;
}

export const useStrings = (): TeachStrings => useTeaching().language.strings;
