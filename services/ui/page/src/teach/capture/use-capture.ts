import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { parseObject } from "../../server/json";
import type { Api } from "../api/api";
import { linesOf, piecesOf } from "../api/lines";
import { troubleFrom, troubleOf, type Trouble } from "../api/trouble";
import type { Sample } from "../contract/label";
import { advance, begin, endingOf, isFailure, parseLine, type Ending, type Progress } from "./progress";

export interface Capture {
  running: boolean;
  /** Of the last one; null: none yet. */
  progress: Progress | null;
  ending: Ending | null;
  trouble: Trouble | null;
  /** Its samples, newest first. */
  fresh: readonly Sample[];
  start(count: number): void;
  stop(): void;
}

interface Options {
  api: Api;
  /** null: nothing to capture for. */
  label: number | null;
  /** False: nobody is looking, so what is under way ends. */
  live: boolean;
  began(): void;
  took(): void;
  /** How many were taken, once it is over. */
  ended(taken: number): void;
}

interface Shown {
  progress: Progress | null;
  ending: Ending | null;
  trouble: Trouble | null;
}

const NOTHING: Shown = { progress: null, ending: null, trouble: null };

/** Samples from the camera, as long as somebody wants them: hanging up is how the server learns that it is enough. */
export function useCapture(options: Options): Capture {
  const { label, live } = options;
  const latest = useRef(options);
  latest.current = options;
  const under = useRef<AbortController | null>(null);
  const [running, setRunning] = useState(false);
  const [shown, setShown] = useState(NOTHING);
  const [fresh, setFresh] = useState<readonly Sample[]>([]);

  const stop = useCallback(() => under.current?.abort(), []);

  useEffect(() => {
    setShown(NOTHING);
    setFresh([]);
    return stop;
  }, [label]);
  useEffect(() => {
    if (!live) stop();
  }, [live]);

  const start = useCallback((count: number) => {
    const { api, label: of } = latest.current;
    if (of === null || under.current) return;
    const hangUp = new AbortController();
    under.current = hangUp;
    const since = performance.now();
    let progress = begin(count);
    // Another label may have been opened by the time the last line is read.
    const here = () => latest.current.label === of;
    const show = (more: Partial<Shown> = {}) => here() && setShown({ ...NOTHING, progress, ...more });
    setRunning(true);
    setFresh([]);
    show();
    latest.current.began();
    const take = async () => {
      const answer = await api.open(`/api/labels/${of}/capture`, { count }, hangUp.signal);
      if (!answer.body) return;
      for await (const text of linesOf(piecesOf(answer.body))) {
        const line = parseObject(text);
        if (!line) continue;
        if (isFailure(line)) throw api.failed(troubleOf(0, line, null));
        const { sample, ...counts } = parseLine(line);
        progress = advance(progress, { ...counts, sample });
        show();
        if (!sample) continue;
        latest.current.took();
        if (here()) setFresh((before) => [sample, ...before]);
      }
    };
    void take()
      .catch(troubleFrom)
      .then((failed) => {
        const trouble = failed && !hangUp.signal.aborted ? failed : null;
        under.current = null;
        setRunning(false);
        const ending = endingOf(progress, hangUp.signal.aborted, performance.now() - since);
        show({ trouble, ending: trouble ? null : ending });
        latest.current.ended(progress.taken);
      });
  }, []);

  return { running, ...shown, fresh, start, stop };
}
