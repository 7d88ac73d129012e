import { useEffect, useState } from "preact/hooks";
import { chooseLanguage, type Code, type Language } from "../../language/choose";
import { readSettings } from "../../server/settings";
import { deTeach } from "../../strings/de/teach";
import { enTeach } from "../../strings/en/teach";
import type { TeachStrings } from "../../strings/teach";

const KEPT_AS = "mirror-language";

/** A browser may refuse to keep anything: the choice then lasts as long as the address. */
function keptLanguage(): string[] {
  try {
    return [localStorage.getItem(KEPT_AS) ?? ""].filter((kept) => kept !== "");
  } catch {
    return [];
  }
}

function keep(code: Code): void {
  try {
    localStorage.setItem(KEPT_AS, code);
  } catch {
    // See above.
  }
  const address = new URL(location.href);
  address.searchParams.set("lang", code);
  history.replaceState(history.state, "", address);
}

const chosen = () =>
  chooseLanguage(location.search, [...keptLanguage(), readSettings().language, ...navigator.languages], {
    en: enTeach,
    de: deTeach,
  });

export function useLanguage(): [Language<TeachStrings>, (code: Code) => void] {
  const [language, setLanguage] = useState(chosen);
  useEffect(() => {
    document.documentElement.lang = language.code;
  }, [language.code]);
  return [
    language,
    (code) => {
      keep(code);
      setLanguage(chosen());
    },
  ];
}
