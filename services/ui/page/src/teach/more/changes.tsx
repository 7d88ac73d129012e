import { useState } from "preact/hooks";
import { newestUndoable, parseChanges, parsePurged, type Change } from "../contract/change";
import { Icon } from "../parts/icon";
import { focusHeading, useKeptFocus } from "../parts/keep-focus";
import { Sheet } from "../parts/sheet";
import { formatTime } from "../parts/time";
import { TroubleNote } from "../parts/trouble-note";
import { useAction } from "../state/action";
import { OTHERS_MS, useResource } from "../state/resource";
import { useTeaching } from "../state/teaching";

/** What was changed, and taking it back. */
export function Changes() {
  const { api, language, live, revision, undo, say, changed } = useTeaching();
  const { strings } = language;
  const words = strings.changes;
  const { value, trouble, reload } = useResource({
    subject: live ? "changes" : null,
    revision,
    load: async (signal) => parseChanges(await api.get("/api/changes", { signal })),
    again: () => OTHERS_MS,
  });
  const kept = useKeptFocus(focusHeading);
  const taking = useAction();
  const purging = useAction();
  const [asking, setAsking] = useState(false);
  const newest = newestUndoable(value ?? []);
  const purge = async () => {
    const { labels, samples } = parsePurged(await api.post("/api/purge"));
    setAsking(false);
    void changed();
    say(words.purged(labels, samples));
  };
  return (
    <>
      <p class="lead">{words.hint}</p>
      <TroubleNote trouble={trouble} strings={strings} heals onRetry={reload} />
      {value?.length === 0 && <p class="empty">{words.none}</p>}
      <ol class="changes" {...kept}>
        {value?.map((change) => (
          <Entry
            key={change.id}
            change={change}
            undo={change === newest ? () => taking.run(() => undo(change.id)) : null}
            busy={taking.busy}
          />
        ))}
      </ol>
      <TroubleNote trouble={taking.trouble} strings={strings} />
      <section class="panel">
        <p class="small">{words.purgeHint}</p>
        <button type="button" class="button wide" data-purge onClick={() => setAsking(true)}>
          <Icon name="trash" />
          {words.purge}
        </button>
      </section>
      {asking && (
        <Sheet name="purge" title={words.purgeTitle} onClose={() => setAsking(false)}>
          <p>{words.purgeText}</p>
          <TroubleNote trouble={purging.trouble} strings={strings} />
          <div class="sheet-row even">
            <button type="button" class="button" onClick={() => setAsking(false)}>
              {strings.cancel}
            </button>
            <button
              type="button"
              class="button danger"
              data-purge-now
              aria-disabled={purging.busy}
              onClick={() => purging.run(purge)}
            >
              {words.purgeNow}
            </button>
          </div>
        </Sheet>
      )}
    </>
  );
}

function Entry({ change, undo, busy }: { change: Change; undo: (() => void) | null; busy: boolean }) {
  const { strings, locale } = useTeaching().language;
  const words = strings.changes;
  return (
    <li class="change" data-change-id={change.id} data-kind={change.kind} data-undone={change.undone}>
      <span class="change-words">
        <span class="change-kind">{words.kinds[change.kind]}</span>
        {change.summary && (
          <span class="small" lang="en">
            {change.summary}
          </span>
        )}
        <span class="small">
          {formatTime(change.at, locale)}
          {change.undone && ` · ${words.takenBack}`}
        </span>
      </span>
      {undo && (
        <button type="button" class="button" data-undo-newest aria-disabled={busy} onClick={undo}>
          <Icon name="undo" />
          {words.undo}
        </button>
      )}
    </li>
  );
}
