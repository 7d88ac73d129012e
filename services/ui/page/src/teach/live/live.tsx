import { usePreview } from "../../server/use-preview";
import { Spoken } from "../parts/spoken";
import { useTeaching } from "../state/teaching";
import { sayVerdict } from "./say";
import { useFeed } from "./use-feed";

const PREVIEW_WIDTH = 480;
/** What it takes a thing for is said aloud when it has held for so long: twice a second would be a stammer. */
const STEADY_MS = 1_500;

/** What the mirror sees, and what it takes it for. */
export function Live() {
  const { language, feed, live } = useTeaching();
  const { strings, locale } = language;
  const { link, verdicts } = useFeed(feed);
  const [newest] = verdicts;
  const shown = link === "live" && newest ? newest : null;
  const said = shown && sayVerdict(shown, strings, locale);
  return (
    <div
      class="live"
      data-link={link}
      data-outcome={shown?.outcome ?? ""}
      data-label={shown?.outcome === "KNOWN" ? shown.name : ""}
    >
      <Preview on={live} />
      <div class="live-verdict">
        {said ? (
          <>
            <p class="live-words">
              <span class="live-what">{said.what}</span>
              <span class="live-beside">{said.beside}</span>
            </p>
            <span class="live-bar" aria-hidden="true">
              <span style={{ transform: `scaleX(${shown?.outcome === "KNOWN" ? shown.confidence.toFixed(3) : 0})` }} />
            </span>
          </>
        ) : (
          <p class="live-quiet">{link === "quiet" ? strings.live.quiet : strings.live.waiting}</p>
        )}
      </div>
      <Spoken words={said ? `${strings.live.sees}: ${said.what}` : ""} steadyMs={STEADY_MS} />
    </div>
  );
}

function Preview({ on }: { on: boolean }) {
  const { strings } = useTeaching().language;
  const { canvas, there } = usePreview(PREVIEW_WIDTH, on);
  return (
    <>
      <canvas
        ref={canvas}
        class="live-picture"
        data-live={there === true}
        role="img"
        aria-label={strings.live.preview}
      />
      {there === false && <p class="live-absent">{strings.live.noPicture}</p>}
    </>
  );
}
