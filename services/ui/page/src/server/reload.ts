const RETRY_MS = 3_000;

let pending = false;

/**
 * Loads the page anew, but only once the server has been seen to deliver it: a reload against a server that is
 * just going down again would leave the browser's own error page on the glass.
 */
export async function reloadWhenServed(): Promise<void> {
  if (pending) return;
  pending = true;
  for (;;) {
    const served = await fetch(location.href, { cache: "no-store" }).then(
      (response) => response.ok,
      () => false,
    );
    if (served) {
      location.reload();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
