// JSON from the server: each value is looked at where it is read, so that nothing behind has to ask whether it is there.

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** Trimmed; numbers as they print; "" for all else. */
export const text = (value: unknown): string =>
  typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";

/** The objects of a list. */
export const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

export const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0);

export function parseObject(data: string): Json | null {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
