import { parseEvaluation, type Confusion, type Evaluation } from "../contract/evaluation";
import type { Label } from "../contract/label";
import { Face } from "../labels/face";
import { byNeed } from "../labels/grade";
import { GradeRing } from "../labels/grade-ring";
import { Icon } from "../parts/icon";
import { formatShare } from "../parts/time";
import { TroubleNote } from "../parts/trouble-note";
import { OTHERS_MS, useResource } from "../state/resource";
import { hrefOf } from "../state/route";
import { useTeaching } from "../state/teaching";

/** Judging a large gallery takes a device a while. */
const EVALUATION_MS = 120_000;

/** How well the mirror knows what it was taught. */
export function QualityView() {
  const { api, language, live, revision, labels } = useTeaching();
  const { strings } = language;
  const words = strings.quality;
  const { value, trouble, reload } = useResource({
    subject: live ? "evaluation" : null,
    revision,
    again: () => OTHERS_MS,
    load: async (signal) => parseEvaluation(await api.get("/api/evaluation", { signal, hangsMs: EVALUATION_MS })),
  });
  const all = labels.value ?? [];
  return (
    <>
      <TroubleNote trouble={trouble} strings={strings} heals onRetry={reload} />
      {!value && !trouble && (
        <p class="waiting" role="status">
          {strings.loading}
        </p>
      )}
      {value && value.judged === 0 && (
        <div class="empty">
          <p class="empty-title">{words.none}</p>
          <p>{words.noneHint}</p>
        </div>
      )}
      {value && value.judged > 0 && <Result evaluation={value} labels={all} />}
      {all.length > 0 && (
        <section>
          <h2>{words.labels}</h2>
          <ul class="rows">
            {byNeed(all).map((label) => (
              <li key={label.id}>
                <a class="row" href={hrefOf({ view: "label", id: label.id, sample: null })} data-label-id={label.id}>
                  <span class="row-words">
                    <span class="row-name">{label.name}</span>
                  </span>
                  <GradeRing label={label} />
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Result({ evaluation, labels }: { evaluation: Evaluation; labels: Label[] }) {
  const { strings, locale } = useTeaching().language;
  const words = strings.quality;
  const { judged, right, confusions, falseReject, lookAlikeAccept } = evaluation;
  const all = right === judged;
  return (
    <>
      <section class="headline" data-right={right} data-judged={judged}>
        <p class="headline-words">{words.headline(right, judged)}</p>
        <span class="headline-bar" aria-hidden="true">
          <span style={{ transform: `scaleX(${(right / judged).toFixed(3)})` }} />
        </span>
        {all && <p>{words.all}</p>}
        <p class="small">{words.how}</p>
      </section>
      {confusions.length > 0 && (
        <section>
          <h2>{words.confusions}</h2>
          <ul class="confusions">
            {confusions.map((confusion) => (
              <Mix key={`${confusion.labelId} ${confusion.otherId}`} confusion={confusion} labels={labels} />
            ))}
          </ul>
        </section>
      )}
      <section>
        <h2>{words.numbers}</h2>
        <ul class="figures">
          <Figure share={formatShare(falseReject, locale)} what={words.reject} hint={words.rejectHint} />
          <Figure share={formatShare(lookAlikeAccept, locale)} what={words.accept} hint={words.acceptHint} />
        </ul>
      </section>
    </>
  );
}

function Figure({ share, what, hint }: { share: string; what: string; hint: string }) {
  return (
    <li>
      <p>
        <strong>{share}</strong> {what}
      </p>
      <p class="small">{hint}</p>
    </li>
  );
}

function Mix({ confusion, labels }: { confusion: Confusion; labels: Label[] }) {
  const words = useTeaching().language.strings.quality;
  const name = (wanted: number) => labels.find(({ id }) => id === wanted)?.name;
  const { labelId, otherId, count } = confusion;
  const [one, other] = [name(labelId), name(otherId)];
  // Deleted while the answer was on its way.
  if (one === undefined || other === undefined) return null;
  return (
    <li class="confusion" data-confusion={`${labelId}-${otherId}`} data-count={count}>
      <span class="mix">
        <a href={hrefOf({ view: "label", id: labelId, sample: null })} aria-label={one}>
          <Face label={labelId} />
        </a>
        <Icon name="arrow" />
        <a href={hrefOf({ view: "label", id: otherId, sample: null })} aria-label={other}>
          <Face label={otherId} />
        </a>
      </span>
      <p>{words.confused(count, one, other)}</p>
    </li>
  );
}
