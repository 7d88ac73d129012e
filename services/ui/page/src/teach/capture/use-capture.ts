import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { parseObject } from "../../server/json";
import { whileVisible } from "../../server/visible";
import type { Api } from "../api/api";
import { linesOf, piecesOf } from "../api/lines";
import { Trouble, troubleFrom, troubleOf } from "../api/trouble";
import { parseSamples, type Sample } from "../contract/label";
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
  /** How many were taken, once it is over; and again a little later, when the list has all of them. */
  ended(taken: number, settled: boolean): void;
}

/** The server tells of every frame, and after 20 s that there is none: what is silent for longer is out of reach. */
const SILENCE_MS = 30_000;
/** What was on its way when the caller hung up is in the list by then. */
const SETTLES_MS = 1_000;

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
  // At once when the phone is put away: an effect would come when the browser pleases.
  useEffect(() => whileVisible(() => stop), []);

  const start = useCallback((count: number) => {
    const { api, label: of } = latest.current;
    if (of === null || under.current) return;
    const hangUp = new AbortController();
    under.current = hangUp;
    let silent = false;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        silent = true;
        hangUp.abort();
      }, SILENCE_MS);
    };
    let first: Sample | null = null;
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
      heard();
      const answer = await api.open(`/api/labels/${of}/capture`, { count }, hangUp.signal);
      if (!answer.body) return;
      for await (const text of linesOf(piecesOf(answer.body))) {
        heard();
        const line = parseObject(text);
        if (!line) continue;
        if (isFailure(line)) throw api.failed(troubleOf(0, line, null));
        const { sample, ...counts } = parseLine(line);
        progress = advance(progress, { ...counts, sample });
        show();
        if (!sample) continue;
        first ??= sample;
        latest.current.took();
        if (here()) setFresh((before) => [sample, ...before]);
      }
    };
    /** The last sample may be on disk without having been told: the list has it. */
    const settle = async (ending: Ending) => {
      await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
      const from = first?.id;
      if (from !== undefined) {
        const { samples } = parseSamples(await api.get(`/api/labels/${of}/samples`));
        const taken = samples.filter(({ id }) => id >= from).length;
        // It may be deleted already, which is no reason to count down.
        progress = { ...progress, taken: Math.max(taken, progress.taken) };
        if (!under.current) show({ ending });
      }
      latest.current.ended(progress.taken, true);
    };
    void take()
      .catch(troubleFrom)
      .then((failed) => {
        clearTimeout(silence);
        const released = hangUp.signal.aborted;
        const ending = endingOf(progress, released && !silent, performance.now() - since);
        const broken = silent ? new Trouble("OFFLINE") : ending === "cut" ? new Trouble("UNAVAILABLE") : null;
        const trouble = (released ? null : failed) ?? broken;
        under.current = null;
        setRunning(false);
        show({ trouble, ending: trouble ? null : ending });
        latest.current.ended(progress.taken, false);
        // Where there was trouble, or nobody is looking, the list tells of it soon enough.
        if (released && !silent) settle(ending).catch(() => undefined);
      });
  }, []);

  return { running, ...shown, fresh, start, stop };
}
