import { useEffect, useState } from "preact/hooks";
import { copyText } from "../copy";
import type { Model } from "../report";
import type { Voice } from "../voice";
import { Fact, Facts, Panel } from "./panel";

/** How long the button tells what came of it. */
const TOLD_MS = 2_500;
const SHORT = 12;

interface Props {
  model: Model | null;
  stale: boolean;
  voice: Voice;
}

export function ModelPanel({ model, stale, voice }: Props) {
  const { strings, format } = voice;
  return (
    <Panel part="model" title={strings.model} stale={stale}>
      {model ? (
        <Facts>
          <Fact name={strings.modelId}>{model.id}</Fact>
          <Fact name={strings.dimensions}>{format.count(model.dimensions)}</Fact>
          <Fact name={strings.input}>{strings.pixels(format.count(model.inputWidth), format.count(model.inputHeight))}</Fact>
          <Fact name={strings.accelerator}>{strings.accelerators[model.accelerator] ?? (model.accelerator || strings.unknown)}</Fact>
          <Fact name={strings.acceleratorDetail}>{model.acceleratorDetail || strings.unknown}</Fact>
          {model.acceleratorProblem && <Fact name={strings.acceleratorProblem}>{model.acceleratorProblem}</Fact>}
          <Fact name={strings.runtime}>{model.runtimeVersion || strings.unknown}</Fact>
          <Fact name={strings.fingerprint}>
            <Fingerprint fingerprint={model.fingerprint} voice={voice} />
          </Fact>
        </Facts>
      ) : (
        <p class="absent">{strings.modelAway}</p>
      )}
    </Panel>
  );
}

function Fingerprint({ fingerprint, voice: { strings } }: { fingerprint: string; voice: Voice }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  useEffect(() => {
    if (copied === null) return;
    const timer = setTimeout(() => setCopied(null), TOLD_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  if (fingerprint === "") return <>{strings.unknown}</>;
  return (
    <span class="fingerprint">
      <code title={fingerprint}>{fingerprint.slice(0, SHORT)}…</code>
      <button type="button" class="small-button" onClick={() => void copyText(fingerprint).then(setCopied)}>
        {copied === null ? strings.copy : copied ? strings.copied : strings.notCopied}
      </button>
    </span>
  );
}
