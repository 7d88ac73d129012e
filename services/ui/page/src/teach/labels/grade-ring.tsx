import type { Label } from "../contract/label";
import { Icon, type IconName } from "../parts/icon";
import { formatShare } from "../parts/time";
import { useTeaching } from "../state/teaching";
import { gradeOf, type Grade } from "./grade";

const SIGNS: Record<Grade, IconName> = { good: "check", fair: "half", more: "plus", empty: "plus", pending: "dots" };

/** How well a label is known: an arc, a sign and a word, so that no one of them has to be seen. */
export function GradeRing({ label }: { label: Label }) {
  const { strings, locale } = useTeaching().language;
  const grade = gradeOf(label);
  const word = strings.labels.grade[grade];
  const accuracy = label.quality?.accuracy ?? 0;
  const judged = label.quality !== null && label.samples > 0;
  return (
    <span class="grade" data-grade={grade}>
      <span class="grade-sign">
        <svg viewBox="0 0 36 36" aria-hidden="true" focusable="false">
          <circle cx="18" cy="18" r="16" class="ring-track" />
          {judged && (
            <circle
              cx="18"
              cy="18"
              r="16"
              class="ring-fill"
              pathLength={100}
              stroke-dasharray={`${accuracy * 100} 100`}
            />
          )}
        </svg>
        <Icon name={SIGNS[grade]} />
      </span>
      <span class="grade-word" aria-hidden="true">
        {word}
      </span>
      <span class="spoken">{judged ? strings.labels.gradeSpoken(word, formatShare(accuracy, locale)) : word}</span>
    </span>
  );
}
