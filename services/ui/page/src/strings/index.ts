import { de } from "./de";
import { en } from "./en";
import type { Strings } from "./types";

export type { Strings } from "./types";

const LANGUAGES: Record<string, Strings> = { en, de };

export interface Language {
  /** "en" or "de": for `<html lang>` and the server. */
  code: string;
  /** The fuller tag, such as "de-CH": how prices are written differs within a language. */
  locale: string;
  strings: Strings;
}

/** The language asked for in the address, else the first the browser prefers and we speak, else English. */
export function chooseLanguage(search: string, preferred: readonly string[]): Language {
  const asked = new URLSearchParams(search).get("lang");
  for (const tag of asked ? [asked, ...preferred] : preferred) {
    const code = tag.toLowerCase().split(/[-_]/)[0] ?? "";
    const strings = Object.hasOwn(LANGUAGES, code) ? LANGUAGES[code] : undefined;
    if (strings) return { code, locale: canonical(tag) ?? code, strings };
  }
  return { code: "en", locale: "en", strings: en };
}

function canonical(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag.replace("_", "-"))[0];
  } catch {
    return undefined;
  }
}
