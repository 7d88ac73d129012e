import { useEffect, useState } from "preact/hooks";
import type { TeachStrings } from "../../strings/teach";
import { useAction } from "../state/action";
import { hrefOf } from "../state/route";
import type { Notice } from "../state/teaching";
import { Icon } from "./icon";
import { focusHeading, useKeptFocus } from "./keep-focus";
import { TroubleNote } from "./trouble-note";

const SAID_MS = 6_000;
/** Long enough to see that it was the wrong one. */
const UNDO_MS = 20_000;

interface Props {
  notice: Notice | null;
  strings: TeachStrings;
  onUndo(change: number): Promise<void>;
  onGone(id: number): void;
}

/** Says at the bottom what was done, and takes it back. */
export function NoticeBar({ notice, strings, onUndo, onGone }: Props) {
  const { busy, trouble, run, clear } = useAction();
  const [held, setHeld] = useState(false);
  const kept = useKeptFocus(focusHeading);
  // The one before may have been pointed at when it went.
  useEffect(() => {
    clear();
    setHeld(false);
  }, [notice?.id]);
  useEffect(() => {
    // Not while it is being read, pressed or pointed at.
    if (!notice || held || busy || trouble) return;
    const timer = setTimeout(() => onGone(notice.id), notice.change === null ? SAID_MS : UNDO_MS);
    return () => clearTimeout(timer);
  }, [notice?.id, notice?.change, held, busy, trouble]);
  return (
    <div class="notice-place" role="status" {...kept}>
      {notice && (
        <div
          key={notice.id}
          class="notice"
          data-notice
          onPointerEnter={() => setHeld(true)}
          onPointerLeave={() => setHeld(false)}
          onFocusIn={() => setHeld(true)}
          onFocusOut={() => setHeld(false)}
        >
          <p>{notice.text}</p>
          {notice.change !== null && (
            <button
              type="button"
              class="button notice-undo"
              data-undo
              aria-disabled={busy}
              onClick={() => run(() => onUndo(notice.change ?? 0))}
            >
              <Icon name="undo" />
              {strings.changes.undo}
            </button>
          )}
          {notice.look && (
            <a class="button" href={hrefOf({ view: "changes" })} onClick={() => onGone(notice.id)}>
              {strings.changes.show}
            </a>
          )}
          <button type="button" class="icon-button" aria-label={strings.close} onClick={() => onGone(notice.id)}>
            <Icon name="close" />
          </button>
          <TroubleNote trouble={trouble} strings={strings} />
        </div>
      )}
    </div>
  );
}
