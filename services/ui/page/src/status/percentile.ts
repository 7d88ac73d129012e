/** By the nearest rank, so that it is always a value that there was; null of nothing. Sorts its argument. */
export function percentiles<const Shares extends readonly number[]>(
  values: Float32Array,
  shares: Shares,
): { [K in keyof Shares]: number } | null {
  if (values.length === 0) return null;
  values.sort();
  const at = (share: number) => values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? 0;
  return shares.map(at) as { [K in keyof Shares]: number };
}
