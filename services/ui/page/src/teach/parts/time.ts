/** When it was, as people of `locale` would say it: the time for today, the day as well for before. */
export function formatTime(at: string, locale: string, now: Date = new Date()): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const today = date.toDateString() === now.toDateString();
  const how: Intl.DateTimeFormatOptions = today
    ? { timeStyle: "short" }
    : { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(locale, how).format(date);
}

/** How long to wait: seconds, and minutes where there are any. */
export function formatWait(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.ceil(seconds % 60)];
  if (minutes === 0) return `${rest} s`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** A share in percent, of what was counted: unlike a camera's guess, it may be all. */
export const formatShare = (share: number, locale: string): string =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: share > 0 && share < 0.1 ? 1 : 0 }).format(
    share,
  );
