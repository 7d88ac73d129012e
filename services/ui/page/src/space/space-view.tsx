import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Language } from "../language/choose";
import { connect } from "../server/connection";
import { whileVisible } from "../server/visible";
import type { SpaceStrings } from "../strings/space";
import { parseFrame, parseMap, type SpaceLabel, type SpaceMap, type Verdict } from "./contract";
import { Legend } from "./legend";
import { colour } from "./palette";
import { Stage } from "./stage";
import { Announcer, verdictWords } from "./verdict";
import "./view.css";

/** Without a frame for this long, the camera sees nothing, or nobody looks at what it sees. */
const QUIET_MS = 3_000;
/** Of a mirror that has gone silent it is said after this long: a camera that begins takes its time. */
const SILENT_MS = 6_000;
/** The words change no more often than they can be read. */
const READ_MS = 300;
/** An alternative text that goes on for minutes is none. */
const MOST_NAMED = 40;

export interface SpaceViewProps {
  language: Language<SpaceStrings>;
  /** False where nobody can touch it: nothing takes the focus, nothing is said to a screen reader but what it is. */
  interactive: boolean;
  /** Whether the camera's newest frame is shown, and the verdict on it. */
  live: boolean;
  /** Doesn't move by itself; so it is, too, for people who want less motion. */
  still?: boolean;
  onMap?(map: SpaceMap): void;
  onConnection?(connected: boolean): void;
  /** Nothing comes, though the server is there: what recognises is away. */
  onSilent?(silent: boolean): void;
  onRebooted?(): void;
  /** Below the verdict, at the lower edge. */
  children?: ComponentChildren;
}

interface Shown {
  verdict: Verdict;
  slot: number | undefined;
}

export function SpaceView(props: SpaceViewProps) {
  const { interactive, live, still = false, children } = props;
  const { strings, locale } = props.language;
  const view = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage | null>(null);
  const newest = useRef(props);
  newest.current = props;
  const [labels, setLabels] = useState<SpaceLabel[]>([]);
  const [shown, setShown] = useState<Shown | null>(null);
  const [spoken, setSpoken] = useState("");
  const [flat, setFlat] = useState(false);

  useEffect(() => {
    const calm = still || matchMedia("(prefers-reduced-motion: reduce)").matches;
    const drawing = new Stage(host.current!, () => view.current!.querySelectorAll(".space-caption > *"), {
      interactive,
      still: calm,
      drawn: (renderer) => setFlat(renderer === "none"),
    });
    stage.current = drawing;
    const announcer = new Announcer(strings);
    let read = 0;
    let quiet: ReturnType<typeof setTimeout> | undefined;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const leave = () => {
      drawing.leave();
      setShown(null);
      setSpoken("");
      announcer.pause();
    };
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => newest.current.onSilent?.(true), SILENT_MS);
      newest.current.onSilent?.(false);
    };
    const follow = () =>
      connect("/space/events", {
        events: {
          map(data) {
            const map = parseMap(data);
            if (!map) return false;
            heard();
            newest.current.onConnection?.(true);
            newest.current.onMap?.(map);
            drawing.map(map);
            setLabels(map.labels);
            return true;
          },
          frame(data) {
            const frame = parseFrame(data);
            if (!frame) return false;
            heard();
            newest.current.onConnection?.(true);
            if (!newest.current.live) return true;
            clearTimeout(quiet);
            quiet = setTimeout(leave, QUIET_MS);
            drawing.frame(frame);
            const now = performance.now();
            if (now - read >= READ_MS) {
              read = now;
              const { verdict } = frame;
              setShown({ verdict, slot: "labelId" in verdict ? drawing.colourOf(verdict.labelId) : undefined });
            }
            const words = interactive && announcer.hear(frame.verdict, now);
            if (words) setSpoken(words);
            return true;
          },
        },
        lost() {
          leave();
          newest.current.onConnection?.(false);
        },
        rebooted: () => newest.current.onRebooted?.(),
      });
    const end = whileVisible(() => {
      const disconnect = follow();
      return () => {
        disconnect();
        clearTimeout(silence);
      };
    });
    return () => {
      end();
      clearTimeout(quiet);
      drawing.destroy();
      stage.current = null;
    };
  }, [interactive, still, strings]);

  useEffect(() => {
    if (live) return;
    stage.current?.leave();
    setShown(null);
  }, [live]);

  const named = labels.filter(({ background }) => interactive || !background).slice(0, MOST_NAMED);
  const description = strings.picture(named.length === 0 ? strings.empty : named.map(({ name }) => name).join(", "));
  useEffect(() => stage.current?.describe(description), [description, interactive, still, strings]);

  const focus = interactive ? { tabIndex: 0, role: "group" as const, "aria-label": strings.turn } : {};
  return (
    <div ref={view} class="space-view" data-interactive={interactive}>
      <div ref={host} class="space-host" {...focus} />
      {interactive && (
        <Legend labels={labels} title={strings.legend} locale={locale} colourOf={(id) => stage.current?.colourOf(id) ?? 0} />
      )}
      <div class="space-caption">
        {/* Read out below, calmly: here it changes with every frame. */}
        <p class="space-verdict" aria-hidden="true" data-outcome={shown?.verdict.outcome ?? ""}>
          {shown && (
            <>
              <span class="space-chip" style={shown.slot === undefined ? {} : { background: colour(shown.slot) }} />
              {verdictWords(shown.verdict, strings, locale)}
            </>
          )}
        </p>
        {interactive && flat && <p class="space-flat">{strings.flat}</p>}
        {children}
      </div>
      {interactive && (
        <p class="spoken" role="status" aria-live="polite">
          {spoken}
        </p>
      )}
    </div>
  );
}
