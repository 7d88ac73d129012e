import { LATENCIES } from "../frame";
import { droppedShare, recent, type Figures, type Live } from "../live";
import type { Inference } from "../report";
import { highest } from "../spark";
import type { Voice } from "../voice";
import { Chart } from "./chart";
import { useLive } from "./figures";
import { Fact, Facts, Panel } from "./panel";

/** As the protocol says of RecognitionEvent.sharpness. */
const SHARP_FROM = 4;
/** Without a frame for so long it is told. */
const QUIET_MS = 3_000;

interface Props {
  inference: Inference | null;
  /** MirrorState; "": not known. */
  state: string;
  /** Whether frames are to be expected at all. */
  expected: boolean;
  stale: boolean;
  voice: Voice;
  /** No frame came for a while, or the ui service is away. */
  onLost(): void;
}

export function LivePanel({ inference, state, expected, stale, voice, onLost }: Props) {
  const { live, now } = useLive(onLost);
  const figures = live.figures(now);
  const { strings } = voice;
  // Charts stay where they are through a hiccup, but a page full of empty ones would hide what matters.
  const charts = expected || figures.points.some((point) => point !== null && point.frames > 0);
  return (
    <Panel part="live" title={strings.live} stale={stale}>
      {charts && <p class="hint">{strings.liveHint}</p>}
      <div class="charts" data-frames={live.frames}>
        {charts && <RateCharts live={live} figures={figures} voice={voice} />}
        {charts && <LatencyCharts figures={figures} voice={voice} />}
      </div>
      <Newest live={live} now={now} inference={inference} state={state} voice={voice} />
      {charts && (
        <p class="hint">
          {strings.latencyHint} {strings.dropHint}
        </p>
      )}
    </Panel>
  );
}

function RateCharts({ live, figures: { points }, voice: { strings, format } }: { live: Live; figures: Figures; voice: Voice }) {
  const rate = (value: number) => strings.perSecond(format.decimal(value, 1));
  const share = droppedShare(points);
  const details = {
    frames: strings.total(format.count(live.frames)),
    dropped: [strings.total(format.count(live.dropped)), share !== null && strings.share(format.percent(share))].filter(Boolean).join(", "),
  };
  const chart = (key: "frames" | "dropped", title: string, known: boolean) => {
    const values = points.map((point) => (known && point ? point[key] : null));
    const now = known ? recent(points, key) : null;
    return (
      <Chart
        title={title}
        value={now === null ? "–" : rate(now)}
        detail={known || live.frames === 0 ? details[key] : strings.notCounted}
        middle={values}
        least={5}
        scale={rate}
        description={now === null ? strings.emptyChart(title) : strings.rateChart(title, rate(now), rate(highest(values)))}
      />
    );
  };
  return (
    <>
      {chart("frames", strings.frameRate, true)}
      {chart("dropped", strings.dropRate, live.counts)}
    </>
  );
}

function LatencyCharts({ figures, voice: { strings, format } }: { figures: Figures; voice: Voice }) {
  // The sum first: it is what people ask for.
  const order = [...LATENCIES.keys()].sort((a, b) => Number(LATENCIES[b] === "total") - Number(LATENCIES[a] === "total"));
  return (
    <>
      {order.map((index) => {
        const latency = LATENCIES[index]!;
        const title = strings.latencies[latency];
        const spread = figures.latencies[index] ?? null;
        const p50 = spread && format.milliseconds(spread.p50);
        const p95 = spread && format.milliseconds(spread.p95);
        return (
          <Chart
            key={latency}
            title={title}
            value={p50 ?? "–"}
            detail={p95 === null ? "" : strings.p95(p95)}
            middle={figures.points.map((point) => point?.latencies[index]?.p50 ?? null)}
            upper={figures.points.map((point) => point?.latencies[index]?.p95 ?? null)}
            least={1}
            scale={format.milliseconds}
            description={p50 === null || p95 === null ? strings.emptyChart(title) : strings.latencyChart(title, p50, p95)}
          />
        );
      })}
    </>
  );
}

interface NewestProps {
  live: Live;
  now: number;
  inference: Inference | null;
  state: string;
  voice: Voice;
}

/** What the newest frame was like, and the mirror's state. */
function Newest({ live: { newest, newestAt }, now, inference, state, voice: { strings, format } }: NewestProps) {
  const quiet = newestAt === null || now - newestAt > QUIET_MS;
  return (
    <>
      {quiet && (
        <p class="quiet" data-part="quiet">
          {newestAt === null ? strings.noFrames : strings.noFramesFor(format.ago(newestAt, now))}
        </p>
      )}
      <Facts>
        <Fact name={strings.state}>{strings.states[state] ?? strings.unknown}</Fact>
        <Fact name={strings.sharpness}>
          {newest ? format.decimal(newest.sharpness, 1) : "–"}
          {newest && <small>{newest.sharpness >= SHARP_FROM ? strings.sharp : strings.blurred}</small>}
        </Fact>
        <Fact name={strings.motion}>{newest ? format.percent(newest.motion, 1) : "–"}</Fact>
        <Fact name={strings.source}>{newest?.source || "–"}</Fact>
        {inference && inference.framesCaptured > 0 && (
          <Fact name={strings.sinceStart}>
            {strings.captured(
              format.count(inference.framesCaptured),
              format.count(inference.framesDropped),
              format.percent(inference.framesDropped / inference.framesCaptured, 1),
            )}
          </Fact>
        )}
      </Facts>
    </>
  );
}
