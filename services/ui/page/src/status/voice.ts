import type { Code } from "../language/choose";
import type { StatusStrings } from "../strings/status";
import type { Format } from "./format";

/** How the page speaks: all of its parts get this. */
export interface Voice {
  code: Code;
  strings: StatusStrings;
  format: Format;
}
