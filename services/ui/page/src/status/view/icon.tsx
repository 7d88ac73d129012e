import type { Health } from "../screen";
import type { Severity } from "../problems";

export type Look = Severity | "unknown";

export const lookOf = (health: Health, severity: Severity): Look => (health === "unknown" ? "unknown" : severity);

/** Told apart by their shapes, not by their colours alone. */
const SHAPES: Record<Look, [outline: string, sign: string]> = {
  well: ["M12 2a10 10 0 1 1 0 20a10 10 0 0 1 0-20Z", "M7.5 12.5l3 3l6-6.5"],
  limited: ["M12 2.8L22.3 20.8H1.7Z", "M12 9.5v5.2M12 17.6v.2"],
  down: ["M8 2h8l6 6v8l-6 6H8l-6-6V8Z", "M8.5 8.5l7 7M15.5 8.5l-7 7"],
  unknown: ["M12 2a10 10 0 1 1 0 20a10 10 0 0 1 0-20Z", "M7.5 12h.2M12 12h.2M16.5 12h.2"],
};

/** Decoration: its word stands beside it. */
export function Icon({ look }: { look: Look }) {
  const [outline, sign] = SHAPES[look];
  return (
    <svg class="icon" data-look={look} viewBox="0 0 24 24" aria-hidden="true">
      <path class="icon-outline" d={outline} />
      <path class="icon-sign" d={sign} />
    </svg>
  );
}
