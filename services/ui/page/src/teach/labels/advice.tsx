import type { Label, Quality, Reason } from "../contract/label";
import { Icon, type IconName } from "../parts/icon";
import { formatShare } from "../parts/time";
import { hrefOf } from "../state/route";
import { useTeaching } from "../state/teaching";
import { Face } from "./face";

/** What would make a label better known: a picture and a few words each. */
export function Advice({ label, quality }: { label: Label; quality: Quality }) {
  const { strings } = useTeaching().language;
  if (label.samples === 0) return null;
  const { reasons } = quality;
  return (
    <div class="advice">
      <h2>{strings.quality.advice}</h2>
      {reasons.length === 0 && <p>{strings.quality.fine}</p>}
      <ul>
        {reasons.map((reason, index) => (
          <li key={index} class="advice-item" data-advice={reason.kind}>
            <Item label={label} reason={reason} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Item({ label, reason }: { label: Label; reason: Reason }) {
  const { language, labels } = useTeaching();
  const { strings, locale } = language;
  const words = strings.quality;
  switch (reason.kind) {
    case "MORE_SAMPLES":
      return <Plain sign="plus" title={words.moreSamples} hint={words.moreSamplesHint} />;
    case "MORE_VARIETY":
      return <Plain sign="turn" title={words.moreVariety} hint={words.moreVarietyHint} />;
    case "CONFUSED": {
      const other = labels.value?.find(({ id }) => id === reason.labelId);
      if (!other) return null;
      return (
        <>
          <span class="mix">
            <Face label={label.id} />
            <Icon name="arrow" />
            <a href={hrefOf({ view: "label", id: other.id, sample: null })} aria-label={other.name}>
              <Face label={other.id} />
            </a>
          </span>
          <span class="advice-words">
            <strong>{words.taken(formatShare(reason.share, locale), other.name)}</strong>
            <span>{words.takenHint}</span>
          </span>
        </>
      );
    }
  }
}

function Plain({ sign, title, hint }: { sign: IconName; title: string; hint: string }) {
  return (
    <>
      <span class="advice-sign">
        <Icon name={sign} />
      </span>
      <span class="advice-words">
        <strong>{title}</strong>
        <span>{hint}</span>
      </span>
    </>
  );
}
