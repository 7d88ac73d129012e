import { useState } from "preact/hooks";
import { Field } from "../parts/field";
import { Icon } from "../parts/icon";
import { TroubleNote } from "../parts/trouble-note";
import type { Label } from "../contract/label";
import { hrefOf } from "../state/route";
import { useTeaching } from "../state/teaching";
import { Face } from "./face";
import { GradeRing } from "./grade-ring";
import { MANY, search } from "./grade";

export function LabelList() {
  const { language, labels } = useTeaching();
  const { strings } = language;
  const words = strings.labels;
  const [wanted, setWanted] = useState("");
  const all = labels.value ?? [];
  const found = all.length > MANY ? search(all, wanted) : all;
  return (
    <div class="stack" data-labels={labels.value === null ? "" : all.length}>
      <a class="button primary wide" href={hrefOf({ view: "new" })} data-new-label>
        <Icon name="plus" />
        {words.create}
      </a>
      <TroubleNote
        trouble={labels.value === null ? labels.trouble : null}
        strings={strings}
        heals
        onRetry={labels.reload}
      />
      {labels.value === null && !labels.trouble && <p class="waiting">{strings.loading}</p>}
      {labels.value !== null && all.length === 0 && (
        <div class="empty">
          <p class="empty-title">{words.none}</p>
          <p>{words.noneHint}</p>
        </div>
      )}
      {all.length > MANY && <Field name="search" label={words.search} value={wanted} onInput={setWanted} />}
      {all.length > MANY && (
        <p class="spoken" aria-live="polite">
          {wanted.trim() && words.count(found.length)}
        </p>
      )}
      {all.length > 0 && found.length === 0 && <p class="waiting">{words.notFound(wanted.trim())}</p>}
      <ul class="rows">
        {found.map((label) => (
          <Row key={label.id} label={label} />
        ))}
      </ul>
    </div>
  );
}

function Row({ label }: { label: Label }) {
  const words = useTeaching().language.strings.labels;
  const about = [words.samples(label.samples)];
  if (label.ignored > 0) about.push(words.ignored(label.ignored));
  if (label.kind === "BACKGROUND") about.push(words.background);
  return (
    <li>
      <a
        class="row"
        href={hrefOf({ view: "label", id: label.id, sample: null })}
        data-label-id={label.id}
        data-samples={label.samples}
      >
        <Face label={label.id} />
        <span class="row-words">
          <span class="row-name">{label.name}</span>
          <span class="row-about">{about.join(" · ")}</span>
        </span>
        <GradeRing label={label} />
      </a>
    </li>
  );
}
