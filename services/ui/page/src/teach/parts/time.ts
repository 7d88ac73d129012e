/** When it was, as people of `locale` would say it: the time for today, as much of the date as differs for before. */
export function formatTime(at: string, locale: string, now: Date = new Date()): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  return new Intl.DateTimeFormat(locale, detail(date, now)).format(date);
}

function detail(date: Date, now: Date): Intl.DateTimeFormatOptions {
  if (date.toDateString() === now.toDateString()) return { timeStyle: "short" };
  if (date.getFullYear() !== now.getFullYear()) return { dateStyle: "medium", timeStyle: "short" };
  return { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" };
}

/** How long to wait: seconds, and minutes where there are any. */
export function formatWait(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.ceil(seconds % 60)];
  if (minutes === 0) return `${rest} s`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** A share in percent, of what was counted: unlike a camera's guess, it may be all. But only all is: 199 of 200 isn't. */
export function formatShare(share: number, locale: string): string {
  const digits = share > 0 && share < 0.1 ? 1 : 0;
  const steps = 100 * 10 ** digits;
  // Not every browser can round down by itself; a hair more, as 0.29 is a little less than that.
  const down = Math.floor(share * steps + 1e-4) / steps;
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: digits }).format(down);
}
