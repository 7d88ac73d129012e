import { useTeaching } from "../state/teaching";
import { Spoken } from "../parts/spoken";
import { TroubleNote } from "../parts/trouble-note";
import type { TeachStrings } from "../../strings/teach";
import { useHold } from "./hold";
import { seen } from "./progress";
import type { Capture } from "./use-capture";

/** Taken in one hold: then it is time for another side. */
const HOLD_COUNT = 20;
/** For those who can't hold. */
const TAP_COUNT = 10;
/** It changes with every frame, several times a second. */
const STEADY_MS = 700;

export function CapturePanel({ capture }: { capture: Capture }) {
  const { strings } = useTeaching().language;
  const words = strings.capture;
  const { running, progress, trouble, start, stop } = capture;
  const hold = useHold(
    () => start(HOLD_COUNT),
    stop,
    () => (running ? stop() : start(TAP_COUNT)),
  );
  const share = progress ? Math.min(progress.taken / progress.wanted, 1) : 0;
  return (
    <section class="capture" aria-label={words.hold} data-capture={running ? "running" : "still"}>
      <div class="capture-row">
        <span class="capture-side" />
        <button
          type="button"
          class="capture-button"
          data-hold
          data-step={running ? progress?.step : undefined}
          {...hold}
        >
          <svg viewBox="0 0 120 120" class="capture-ring" aria-hidden="true" focusable="false">
            <circle cx="60" cy="60" r="55" class="ring-track" />
            <circle cx="60" cy="60" r="55" class="ring-fill" pathLength={100} stroke-dasharray={`${share * 100} 100`} />
          </svg>
          <span class="capture-face">
            {running && progress ? (
              <>
                <span class="capture-count" data-taken={progress.taken}>
                  {progress.taken}
                </span>
                <span class="capture-of">{words.of(progress.taken, progress.wanted)}</span>
              </>
            ) : (
              <span class="capture-word">{words.hold}</span>
            )}
          </span>
        </button>
        <span class="capture-side">
          <button type="button" class="button" data-take onClick={() => (running ? stop() : start(TAP_COUNT))}>
            {running ? words.stop : words.take(TAP_COUNT)}
          </button>
        </span>
      </div>
      <p class="capture-say" aria-hidden="true" data-step={progress?.step ?? ""}>
        {sayCapture(capture, strings)}
      </p>
      <Spoken words={sayCapture(capture, strings)} steadyMs={STEADY_MS} />
      <TroubleNote trouble={trouble} strings={strings} meaning={{ NOT_FOUND: strings.labels.gone }} />
    </section>
  );
}

function sayCapture({ running, progress, ending, trouble }: Capture, strings: TeachStrings): string {
  const words = strings.capture;
  if (!progress || trouble) return trouble ? "" : words.hint;
  if (running) return progress.step === "taken" ? words.good : words[progress.step];
  switch (ending) {
    case "short":
      return words.tooShort;
    case "dry":
      return seen(progress) === 0 ? strings.live.noPicture : words.dry;
    case "full":
      return words.full;
    default:
      return progress.taken > 0 ? `${words.taken(progress.taken)}.` : words.hint;
  }
}
