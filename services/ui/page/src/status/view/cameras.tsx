import type { Camera } from "../report";
import type { Voice } from "../voice";
import type { Look } from "./icon";
import { Mark, Panel, Quote } from "./panel";

interface Props {
  cameras: Camera[];
  /** Whether the inference service, which knows them, is there. */
  known: boolean;
  stale: boolean;
  voice: Voice;
}

const LOOKS: Record<string, Look> = { OPENING: "unknown", STREAMING: "well", FAILED: "down" };

export function Cameras({ cameras, known, stale, voice }: Props) {
  const { strings } = voice;
  return (
    <Panel part="cameras" title={strings.cameras} stale={stale}>
      {cameras.length === 0 && <p class="absent">{known ? strings.noCamera : strings.camerasAway}</p>}
      <ul class="cameras">
        {cameras.map((camera) => (
          <li key={camera.id} class="camera" data-camera={camera.id} data-selected={camera.selected}>
            <h3>{camera.name || camera.id}</h3>
            {camera.name !== "" && camera.name !== camera.id && <p class="camera-id">{camera.id}</p>}
            <p class="camera-state">
              <Mark
                look={stale ? "unknown" : LOOKS[camera.state]}
                word={strings.cameraStates[camera.state] ?? strings.words.unknown}
              />
              {camera.selected && <span class="tag">{strings.selected}</span>}
            </p>
            {camera.mode && <p class="camera-id">{camera.mode}</p>}
            {camera.problem && <Quote>{camera.problem}</Quote>}
            {camera.note && <Quote>{camera.note}</Quote>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
