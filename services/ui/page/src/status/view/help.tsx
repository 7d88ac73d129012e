import type { Voice } from "../voice";
import { Fact, Facts, Panel } from "./panel";

/** So many the server keeps open, the last eight of them for those with the PIN; see docs/http.md. */
const MOST_STREAMS = 64;
const FULL = MOST_STREAMS - 8;

interface Props {
  streams: number;
  stale: boolean;
  voice: Voice;
}

export function Help({ streams, stale, voice: { strings, format } }: Props) {
  return (
    <Panel part="diagnostics" title={strings.help} stale={stale}>
      <Facts>
        <Fact name={strings.streams} warn={streams >= FULL}>
          {strings.streamsOf(format.count(streams), format.count(MOST_STREAMS))}
        </Fact>
      </Facts>
      <a class="button" href="/diagnostics" download>
        {strings.download}
      </a>
      <p class="hint">{strings.downloadHint}</p>
    </Panel>
  );
}
