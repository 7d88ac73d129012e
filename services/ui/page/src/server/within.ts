/**
 * Does `work` with a signal that is aborted with `signal`, or after `ms`. By hand, as AbortSignal.any() is not in every
 * phone's browser, and nothing stays behind: previews ask ten times a second, for months.
 */
export async function within<T>(
  signal: AbortSignal | undefined,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const given = () => stop.abort(signal?.reason);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop.abort();
  }, ms);
  if (signal?.aborted) given();
  signal?.addEventListener("abort", given);
  try {
    return await work(stop.signal);
  } catch (error) {
    // Not every browser hands on the reason.
    throw late ? new DOMException("It takes too long.", "TimeoutError") : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", given);
  }
}
