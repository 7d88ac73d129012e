import { useRef, useState } from "preact/hooks";

interface Props {
  /** 0: none. */
  sampleId: number;
  caption: string;
}

/**
 * The taught picture that is most like what the camera sees, to stand beside the lens. Only once it is there: kept
 * pictures can have been switched off, and then nothing is to look missing.
 */
export function Evidence({ sampleId, caption }: Props) {
  // The nearest changes with every turn of the product: the first one stays.
  const first = useRef(0);
  first.current ||= sampleId;
  const [state, setState] = useState<"waiting" | "shown" | "absent">("waiting");
  if (first.current === 0 || state === "absent") return null;
  return (
    <figure class="evidence" data-evidence={state} aria-hidden={state !== "shown"}>
      <span class="evidence-line" />
      <img
        // The caption says it.
        alt=""
        src={`/samples/${first.current}`}
        onLoad={() => setState("shown")}
        onError={() => setState("absent")}
      />
      <figcaption>{state === "shown" && caption}</figcaption>
    </figure>
  );
}
