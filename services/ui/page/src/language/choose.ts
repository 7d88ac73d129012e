const CODES = ["en", "de"] as const;
/** For `<html lang>` and the server. */
export type Code = (typeof CODES)[number];

export interface Language<Strings> {
  code: Code;
  /** The fuller tag, such as "de-CH": how prices are written differs within a language. */
  locale: string;
  strings: Strings;
}

/** The language asked for in the address, else the first preferred one that we speak, else English. */
export function chooseLanguage<Strings>(
  search: string,
  preferred: readonly string[],
  strings: Record<Code, Strings>,
): Language<Strings> {
  const asked = new URLSearchParams(search).get("lang");
  for (const tag of asked ? [asked, ...preferred] : preferred) {
    const spoken = tag.toLowerCase().split(/[-_]/)[0] ?? "";
    const code = CODES.find((known) => known === spoken);
    if (code) return { code, locale: canonical(tag) ?? code, strings: strings[code] };
  }
  return { code: "en", locale: "en", strings: strings.en };
}

function canonical(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag.replace("_", "-"))[0];
  } catch {
    return undefined;
  }
}
