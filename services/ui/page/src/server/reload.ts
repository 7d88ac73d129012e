import { within } from "./within";

const RETRY_MS = 3_000;
/** A server that is just coming up may take the request and never answer. */
const HANGS_MS = 5_000;

let pending = false;

/**
 * Loads the page anew, but only once the server has been seen to deliver it: a reload against a server that is
 * just going down again would leave the browser's own error page on the glass.
 */
export async function reloadWhenServed(): Promise<void> {
  if (pending) return;
  pending = true;
  for (;;) {
    const served = await within(undefined, HANGS_MS, (signal) => fetch(location.href, { cache: "no-store", signal })).then(
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
