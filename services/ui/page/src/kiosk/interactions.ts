import type { Interaction } from "./feedback";

/** The server answers within 3 s; a request that takes longer must not use up the browser's few connections. */
const HANGS_MS = 5_000;

/** Fire and forget: the recommender keeps and repeats what it has taken, and what it can't take is not worth a stir. */
export function send({ kind, labelId, productIds }: Interaction): void {
  fetch("/interactions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ kind, label_id: labelId, product_ids: productIds }),
    // Outlives the page, should it load itself anew.
    keepalive: true,
    signal: AbortSignal.timeout(HANGS_MS),
  }).catch(() => undefined);
}
