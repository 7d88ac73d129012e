import type { SpaceStrings } from "../strings/space";
import type { SpaceMap } from "./contract";

/** What the map is of, a line each. */
export function facts(map: SpaceMap, strings: SpaceStrings, locale: string): string[] {
  const count = (number: number) => new Intl.NumberFormat(locale).format(number);
  const shown = map.sampleIds.length;
  const samples = shown < map.samples ? strings.part(count(shown), count(map.samples)) : strings.samples(shown, count(shown));
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(map.explained);
  return [`${strings.labels(map.labels.length, count(map.labels.length))} · ${samples}`, strings.explained(percent)];
}
