import { useEffect, useState } from "preact/hooks";
import { correctable, type Seen } from "../live/feed";
import { useFeed } from "../live/use-feed";
import { sayVerdict } from "../live/say";
import { Icon } from "../parts/icon";
import { focusHeading, useKeptFocus } from "../parts/keep-focus";
import { hrefOf } from "../state/route";
import { useTeaching } from "../state/teaching";
import { shownOf, type Frozen } from "./frozen";
import { VerdictPicture } from "./picture";
import { VerdictSheet } from "./sheet";

/** The last verdicts, each with what it was taken for; a wrong one is put right at a tap. */
export function Verdicts({ open }: { open: number | null }) {
  const { language, feed, undone } = useTeaching();
  const { strings } = language;
  const words = strings.verdicts;
  const now = useFeed(feed);
  const all = now.verdicts;
  const [frozen, setFrozen] = useState<Frozen>(null);
  const [learnt, setLearnt] = useState<ReadonlyMap<string, string>>(new Map());
  // Which of them was taken back isn't told, and a second time does no harm.
  useEffect(() => setLearnt(new Map()), [undone]);
  const { verdicts, waiting } = shownOf(all, frozen);
  // At the touch, not at the tap: between the two the list would move on under the finger.
  const kept = useKeptFocus(focusHeading);
  const freeze = () => setFrozen((before) => before ?? all);
  const chosen = verdicts.find(({ id }) => id === open);
  return (
    <>
      <p class="lead">{words.hint}</p>
      <div class="flow">
        <button
          type="button"
          class="button"
          data-flow={frozen ? "paused" : "flowing"}
          aria-disabled={all.length === 0 && !frozen}
          onClick={() => setFrozen(frozen || all.length === 0 ? null : all)}
        >
          <Icon name={frozen ? "play" : "pause"} />
          {frozen ? words.resume : words.pause}
        </button>
        <p class="small" role="status">
          {frozen && words.paused}
        </p>
        {frozen && waiting > 0 && <p class="small fresh">{words.fresh(waiting)}</p>}
      </div>
      {verdicts.length === 0 && <p class="empty">{words.none}</p>}
      <ul
        class="verdicts"
        data-verdicts={verdicts.length}
        onPointerDown={freeze}
        onFocusIn={() => {
          freeze();
          kept.onFocusIn();
        }}
        onFocusOut={kept.onFocusOut}
      >
        {verdicts.map((verdict) => (
          <Item
            key={keyOf(verdict)}
            verdict={verdict}
            possible={correctable(verdict, now)}
            learnt={learnt.get(keyOf(verdict))}
          />
        ))}
      </ul>
      {chosen && (
        <VerdictSheet
          key={keyOf(chosen)}
          verdict={chosen}
          onLearnt={(name) => setLearnt((before) => new Map(before).set(keyOf(chosen), name))}
        />
      )}
    </>
  );
}

/** Numbers alone come again. */
const keyOf = ({ id, epoch }: Seen): string => `${epoch} ${id}`;

function Item({ verdict, possible, learnt }: { verdict: Seen; possible: boolean; learnt: string | undefined }) {
  const { strings, locale } = useTeaching().language;
  const { what, beside } = sayVerdict(verdict, strings, locale);
  return (
    <li data-verdict-id={verdict.id} data-outcome={verdict.outcome}>
      <a
        class="verdict"
        href={possible && learnt === undefined ? hrefOf({ view: "verdicts", verdict: verdict.id }) : undefined}
        data-gone={!possible && learnt === undefined}
      >
        <VerdictPicture verdict={verdict} />
        <span class="verdict-words">
          {learnt === undefined ? (
            <>
              <span class="verdict-what">{what}</span>
              <span class="verdict-beside">{beside}</span>
            </>
          ) : (
            <span class="verdict-learnt">
              <Icon name="check" />
              {learnt}
            </span>
          )}
        </span>
      </a>
    </li>
  );
}
