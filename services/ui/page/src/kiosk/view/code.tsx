import { useEffect, useState } from "preact/hooks";
import { codeOf, QUIET, type Code } from "../code";

/** From here on it needs more room than its place beside the words leaves them. */
const FINE = 49;

/** A code for phones. Worked out after the card was drawn: what is to be read comes first. */
export function CodeView({ url, description }: { url: string; description: string }) {
  const [code, setCode] = useState<{ of: string; code: Code } | null>(null);
  useEffect(() => setCode({ of: url, code: codeOf(url) }), [url]);
  // Never the one of the product that was there before.
  if (code?.of !== url) return null;
  const { side, path } = code.code;
  return (
    <svg
      class="card-code"
      data-fine={side > FINE}
      role="img"
      aria-label={description}
      viewBox={`0 0 ${side} ${side}`}
      shape-rendering="crispEdges"
      style={{ "--modules": String(side) }}
    >
      <rect width={side} height={side} rx="1.5" />
      <path d={path} fill-rule="evenodd" transform={`translate(${QUIET} ${QUIET})`} />
    </svg>
  );
}
