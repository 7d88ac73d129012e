import { passes, type Trouble, type TroubleCode } from "../api/trouble";
import type { TeachStrings } from "../../strings/teach";

interface Props {
  trouble: Trouble | null;
  strings: TeachStrings;
  /** What a code means just here. */
  meaning?: Partial<Record<TroubleCode, string>>;
  /** What was asked is asked again by itself. */
  heals?: boolean;
  onRetry?(): void;
}

/** What went wrong: in the owner's words, and small beneath in the server's. */
export function TroubleNote({ trouble, strings, meaning = {}, heals = false, onRetry }: Props) {
  if (!trouble) return null;
  const { code, sentence } = trouble;
  const calm = heals && passes(trouble);
  return (
    <div class="trouble" role={calm ? "status" : "alert"} data-trouble={code} data-calm={calm}>
      <p>{meaning[code] ?? strings.trouble[code]}</p>
      {calm && <p class="small">{strings.healing}</p>}
      {sentence && (
        <p class="small said" lang="en">
          {sentence}
        </p>
      )}
      {onRetry && !calm && (
        <button type="button" class="button" onClick={onRetry}>
          {strings.retry}
        </button>
      )}
    </div>
  );
}
