import type { Language } from "../../../language/choose";
import type { KioskStrings } from "../../../strings/kiosk";
import type { Candidate } from "../../story/contract";
import { SpaceMap } from "./space-map";

interface Props {
  candidates: Candidate[];
  language: Language<KioskStrings>;
}

/** Which labels are closest, and where they are among all that was taught. */
export function Nearest({ candidates, language }: Props) {
  const score = new Intl.NumberFormat(language.locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return (
    <div class="story-nearest">
      <SpaceMap language={language} />
      <ol class="story-bars">
        {candidates.map((candidate) => (
          <li key={candidate.name}>
            <span class="story-bar-name">{candidate.name}</span>
            <span class="story-bar-score">{score.format(candidate.score)}</span>
            <span class="story-bar">
              <span style={{ transform: `scaleX(${Math.min(1, Math.max(0, candidate.score)).toFixed(3)})` }} />
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
