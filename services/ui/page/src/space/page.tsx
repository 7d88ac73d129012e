import { useState } from "preact/hooks";
import type { Language } from "../language/choose";
import { reloadWhenServed } from "../server/reload";
import type { SpaceStrings } from "../strings/space";
import type { SpaceMap } from "./contract";
import { facts } from "./facts";
import { SpaceView } from "./space-view";

interface Props {
  language: Language<SpaceStrings>;
  still: boolean;
  /** The address of the mirror's own page. */
  back: string;
}

export function Page({ language, still, back }: Props) {
  const { strings, locale } = language;
  const [map, setMap] = useState<SpaceMap | null>(null);
  /** null: not known yet. */
  const [connected, setConnected] = useState<boolean | null>(null);
  const [silent, setSilent] = useState(false);
  const empty = map?.sampleIds.length === 0;
  const lost = map ? strings.reconnecting : strings.connecting;
  const link = connected === false ? lost : silent ? strings.silent : "";
  return (
    <main id="space" data-state={connected ? "connected" : "connecting"} data-empty={empty}>
      <header>
        <a class="back" href={back}>
          {strings.back}
        </a>
        <h1>{strings.heading}</h1>
        {map && !empty && facts(map, strings, locale).map((fact) => <p key={fact}>{fact}</p>)}
      </header>
      <SpaceView
        language={language}
        interactive
        live
        still={still}
        onMap={setMap}
        onConnection={setConnected}
        onSilent={setSilent}
        onRebooted={() => void reloadWhenServed()}
      >
        <p class="how-to-read">{strings.howToRead}</p>
        <p class="help" aria-hidden="true">
          <span class="by-mouse">{strings.turn}</span>
          <span class="by-touch">{strings.touch}</span>
        </p>
      </SpaceView>
      {empty && link === "" && (
        <div class="nothing">
          <h2>{strings.empty}</h2>
          <p>{strings.emptyHint}</p>
        </div>
      )}
      <p class="link" role="status">
        {link}
      </p>
    </main>
  );
}
