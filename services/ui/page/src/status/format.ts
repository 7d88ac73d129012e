// Figures as people of a locale write them.

export interface Format {
  count(value: number): string;
  /** With at most `digits` behind the point. */
  decimal(value: number, digits: number): string;
  percent(share: number, digits?: number): string;
  bytes(value: number): string;
  milliseconds(value: number): string;
  /** The time; with as much of its date as differs from today's. */
  moment(time: number, now: number): string;
  /** "3 hours ago". */
  ago(time: number, now: number): string;
}

const BYTES = ["kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

const AGES: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

export function formatFor(locale: string): Format {
  const numbers = new Map<string, Intl.NumberFormat>();
  const write = (value: number, options: Intl.NumberFormatOptions) => {
    const key = JSON.stringify(options);
    const format = numbers.get(key) ?? new Intl.NumberFormat(locale, options);
    numbers.set(key, format);
    return format.format(value);
  };
  const unit = (value: number, name: string, digits: number) =>
    write(value, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  const year = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always" });

  return {
    count: (value) => write(value, { maximumFractionDigits: 0 }),
    decimal: (value, digits) => write(value, { maximumFractionDigits: digits }),
    percent: (share, digits = 0) => write(share, { style: "percent", maximumFractionDigits: digits }),
    bytes(value) {
      const power = Math.min(Math.max(Math.floor(Math.log10(value) / 3), 1), BYTES.length);
      const scaled = value / 1000 ** power;
      return unit(scaled, BYTES[power - 1]!, scaled >= 100 ? 0 : 1);
    },
    milliseconds(value) {
      if (value >= 1000) return unit(value / 1000, "second", 1);
      return unit(value, "millisecond", value >= 10 ? 0 : value >= 1 ? 1 : 2);
    },
    moment(time, now) {
      const [then, today] = [new Date(time), new Date(now)];
      if (then.toDateString() === today.toDateString()) return clock.format(then);
      return (then.getFullYear() === today.getFullYear() ? day : year).format(then);
    },
    ago(time, now) {
      const age = Math.max(0, now - time);
      const [name, length] = AGES.find(([, least]) => age >= least) ?? (["second", 1_000] as const);
      return relative.format(-Math.floor(age / length), name);
    },
  };
}
