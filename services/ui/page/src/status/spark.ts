// The geometry of a small chart: one unit wide for each second, HEIGHT high.

export const HEIGHT = 32;

export type Values = readonly (number | null)[];

/** The next round number that is at least `value`, and at least `least`: a scale that seldom changes. */
export function niceTop(value: number, least: number): number {
  const wanted = Math.max(value, least);
  if (!(wanted > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= wanted * (1 - 1e-9)) ?? 10;
  return step * power;
}

export const highest = (...rows: Values[]): number => Math.max(0, ...rows.flat().map((value) => value ?? 0));

interface Run {
  start: number;
  values: number[];
}

/** Stretches without a gap. */
function runs(values: Values): Run[] {
  const found: Run[] = [];
  values.forEach((value, index) => {
    if (value === null) return;
    const last = found.at(-1);
    if (last && last.start + last.values.length === index) last.values.push(value);
    else found.push({ start: index, values: [value] });
  });
  return found;
}

const coordinate = (value: number, top: number): string => (HEIGHT - (Math.min(value, top) / top) * HEIGHT).toFixed(2);

/** An SVG path. A second on its own is a line as short as itself. */
export const line = (values: Values, top: number): string =>
  runs(values)
    .map(({ start, values: run }) => {
      const points = run.map((value, index) => `${start + index + 0.5} ${coordinate(value, top)}`);
      return points.length === 1 ? `M${start} ${coordinate(run[0]!, top)}h1` : `M${points.join("L")}`;
    })
    .join("");

/** The same, filled down to zero. */
export const area = (values: Values, top: number): string =>
  runs(values)
    .map(({ start, values: run }) => {
      const points = run.map((value, index) => `L${start + index + 0.5} ${coordinate(value, top)}`).join("");
      const end = start + run.length;
      return `M${start} ${HEIGHT}L${start} ${coordinate(run[0]!, top)}${points}L${end} ${coordinate(run.at(-1)!, top)}L${end} ${HEIGHT}Z`;
    })
    .join("");
