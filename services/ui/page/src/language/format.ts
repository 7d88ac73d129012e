/** The price as people of `locale` write it; "" where there is none to show. */
export function formatPrice(price: string, currency: string, locale: string): string {
  if (price === "") return "";
  const amount = Number(price);
  // Words such as "from 20" are shown as they came: better the retailer's own text than none.
  if (!Number.isFinite(amount)) return price;
  try {
    return new Intl.NumberFormat(locale, { style: "currency", currency }).format(amount);
  } catch {
    // No currency, or one that is no ISO code.
    return `${new Intl.NumberFormat(locale, { minimumFractionDigits: 2 }).format(amount)} ${currency}`.trim();
  }
}

/** A probability in percent. Never 100: nothing seen through a camera is certain. */
export function formatPercent(probability: number, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  return format.format(Math.min(probability, 0.99));
}

/** The letter that stands for a product without a picture. */
export function initial(name: string): string {
  const letter = name.match(/[\p{L}\p{N}]/u)?.[0] ?? "•";
  return letter.toUpperCase();
}

/** Only product pictures of this very server: others the page's policy would refuse anyway, and loudly. */
export function ownPicture(url: string, origin: string): string | null {
  if (url === "") return null;
  try {
    const resolved = new URL(url, origin);
    const picture = resolved.origin === origin && resolved.pathname.startsWith("/pictures/");
    return picture ? resolved.pathname + resolved.search : null;
  } catch {
    return null;
  }
}

/** How large a label may be set: the longer, the smaller, so that two lines always do. */
export function labelSize(name: string): "short" | "medium" | "long" {
  const letters = [...name].length;
  return letters <= 14 ? "short" : letters <= 28 ? "medium" : "long";
}
