import { DISK_LOW_BYTES } from "../problems";
import type { Gallery, Recommender } from "../report";
import type { Voice } from "../voice";
import { Fact, Facts, Mark, Panel, Quote } from "./panel";

// What the recommender keeps: what was taught, where recommendations come from, and what of it lies on the disk.

interface GalleryProps {
  gallery: Gallery | null;
  teaching: number;
  stale: boolean;
  voice: Voice;
}

export function GalleryPanel({ gallery, teaching, stale, voice }: GalleryProps) {
  const { strings, format } = voice;
  return (
    <Panel part="gallery" title={strings.gallery} stale={stale}>
      {gallery ? (
        <>
          <Facts>
            <Fact name={strings.labels}>{format.count(gallery.labels)}</Fact>
            <Fact name={strings.samples}>{format.count(gallery.samples)}</Fact>
            <Fact name={strings.ignored}>{format.count(gallery.ignored)}</Fact>
            <Fact name={strings.pending}>{format.count(gallery.pending)}</Fact>
            <Fact name={strings.metric}>{gallery.metricCurrent ? strings.metricCurrent : strings.metricBehind}</Fact>
            {teaching > 0 && <Fact name={strings.teaching}>{format.count(teaching)}</Fact>}
          </Facts>
          {gallery.pending > 0 && <Pending gallery={gallery} voice={voice} />}
          {gallery.ignored > 0 && <p class="hint">{strings.ignoredHint}</p>}
        </>
      ) : (
        <p class="absent">{strings.galleryAway}</p>
      )}
    </Panel>
  );
}

function Pending({ gallery, voice: { strings, format } }: { gallery: Gallery; voice: Voice }) {
  const all = gallery.samples + gallery.pending;
  return (
    <div class="pending">
      <label for="pending">{strings.progress}</label>
      <span>{strings.progressOf(format.count(gallery.samples), format.count(all))}</span>
      <progress id="pending" max={all} value={gallery.samples} />
    </div>
  );
}

interface RecommenderProps {
  recommender: Recommender | null;
  stale: boolean;
  voice: Voice;
}

export function Provider({ recommender, stale, voice }: RecommenderProps) {
  const { strings, format } = voice;
  const problem = recommender?.degradations.find(({ component }) => component === "PROVIDER");
  const none = recommender === null || recommender.provider === "" || recommender.provider === "none";
  return (
    <Panel part="provider" title={strings.provider} stale={stale}>
      {recommender ? (
        <>
          <Facts>
            <Fact name={strings.providerName}>{none ? strings.noProvider : recommender.provider}</Fact>
            {(problem || !none) && (
              <Fact name={strings.providerState}>
                {problem ? (
                  <Mark look={stale ? "unknown" : "limited"} word={strings.providerProblem} />
                ) : (
                  <Mark look={stale ? "unknown" : "well"} word={strings.works} />
                )}
              </Fact>
            )}
            <Fact name={strings.queued}>{format.count(recommender.queuedInteractions)}</Fact>
          </Facts>
          {problem?.message && <Quote>{problem.message}</Quote>}
        </>
      ) : (
        <p class="absent">{strings.recommenderAway}</p>
      )}
    </Panel>
  );
}

export function Storage({ recommender, stale, voice }: RecommenderProps) {
  const { strings, format } = voice;
  const free = recommender?.diskFreeBytes ?? null;
  const low = free !== null && free < DISK_LOW_BYTES;
  return (
    <Panel part="storage" title={strings.storage} stale={stale}>
      {recommender ? (
        <Facts>
          <Fact name={strings.database}>{format.bytes(recommender.databaseBytes)}</Fact>
          <Fact name={strings.recommendations}>{format.bytes(recommender.recommendationsBytes)}</Fact>
          <Fact name={strings.diskFree} warn={low}>
            {free === null ? strings.unknown : format.bytes(free)}
            {low && <small>{strings.diskLow}</small>}
          </Fact>
        </Facts>
      ) : (
        <p class="absent">{strings.recommenderAway}</p>
      )}
    </Panel>
  );
}
