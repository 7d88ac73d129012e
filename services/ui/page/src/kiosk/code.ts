// The code that takes a phone to where a product is sold.

import { correction, generate, mode } from "lean-qr";
import { toSvgPath } from "lean-qr/extras/svg";

export interface Code {
  /** Its side in modules, with the quiet zone that readers need around it. */
  side: number;
  /** The dark modules, from where the quiet zone ends; to be filled by the even-odd rule. */
  path: string;
}

export const QUIET = 4;

/** Glass reflects, which better correction makes up for, as long as that doesn't make the modules fine. */
const ROBUST_UP_TO = 45;

/** `url` is one as browsers write it, without letters beyond ASCII: so that no reader has to know about alphabets. */
export function codeOf(url: string): Code {
  const text = mode.ascii(url);
  const robust = generate(text, { minCorrectionLevel: correction.M });
  const code = robust.size <= ROBUST_UP_TO ? robust : generate(text, { minCorrectionLevel: correction.L });
  return { side: code.size + 2 * QUIET, path: toSvgPath(code) };
}
