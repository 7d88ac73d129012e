import { useRef } from "preact/hooks";
import type { Label, Sample } from "../contract/label";
import { useKeptFocus } from "../parts/keep-focus";
import { formatTime } from "../parts/time";
import { TroubleNote } from "../parts/trouble-note";
import { hrefOf } from "../state/route";
import { useTeaching } from "../state/teaching";
import { SamplePicture } from "./picture";
import { SampleSheet } from "./sheet";
import { useSamples, withFresh } from "./use-samples";

interface Props {
  label: Label;
  fresh: readonly Sample[];
  running: boolean;
  open: number | null;
}

export function SampleGrid({ label, fresh, running, open }: Props) {
  const { language, revision } = useTeaching();
  const { strings, locale } = language;
  const words = strings.samples;
  const { value, trouble, reload, shown, grow } = useSamples(label.id);
  const samples = withFresh(value?.samples ?? [], fresh, running || value?.revision !== revision);
  const heading = useRef<HTMLHeadingElement>(null);
  const kept = useKeptFocus(() => heading.current?.focus({ preventScroll: true }));
  const count = Math.max(label.samples + label.ignored, samples.length);
  return (
    <section class="samples" data-samples={samples.length}>
      <h2 ref={heading} tabIndex={-1}>
        {words.title} <span class="count">{count > 0 && new Intl.NumberFormat(locale).format(count)}</span>
      </h2>
      <TroubleNote
        trouble={trouble}
        strings={strings}
        meaning={{ NOT_FOUND: strings.labels.gone }}
        heals
        onRetry={reload}
      />
      {value && samples.length === 0 && <p class="waiting">{words.none}</p>}
      <ul class="thumbs" {...kept}>
        {samples.slice(0, shown).map((sample, index) => (
          <li key={sample.id} data-ignored={sample.ignored}>
            <a href={hrefOf({ view: "label", id: label.id, sample: sample.id })} data-sample-id={sample.id}>
              <SamplePicture id={sample.id} alt={words.sample(count - index, formatTime(sample.at, locale))} />
              {sample.ignored && <span class="thumb-note">{words.ignored}</span>}
            </a>
          </li>
        ))}
      </ul>
      {(value?.more || samples.length > shown) && (
        <button type="button" class="button wide" data-more onClick={grow}>
          {words.more}
        </button>
      )}
      {open !== null && <SampleSheet key={label.id} label={label} samples={samples} id={open} />}
    </section>
  );
}
