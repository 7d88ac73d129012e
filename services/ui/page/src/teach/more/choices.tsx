import type { Camera, Models } from "../contract/device";
import { Icon } from "../parts/icon";
import { useTeaching } from "../state/teaching";

/** A file's name may break at its underscores, for want of spaces. */
export const breakable = (id: string): string => id.replaceAll("_", "_\u200b");

interface ModelProps {
  files: Models["files"];
  busy: boolean;
  onSelect(id: string): void;
}

export function ModelChoice({ files, busy, onSelect }: ModelProps) {
  const words = useTeaching().language.strings.device;
  return (
    <>
      <h3>{words.models}</h3>
      <p class="small">{words.modelsHint}</p>
      <ul class="options">
        {files.map(({ id, selected }) => (
          <li key={id} data-model-id={id} data-selected={selected}>
            <span class="option-words">
              <span class="option-name">{breakable(id)}</span>
            </span>
            <Use selected={selected} name={id} busy={busy} onUse={() => onSelect(id)} />
          </li>
        ))}
      </ul>
    </>
  );
}

interface CameraProps {
  cameras: Camera[];
  busy: boolean;
  onSelect(id: string, name: string): void;
}

export function CameraChoice({ cameras, busy, onSelect }: CameraProps) {
  const words = useTeaching().language.strings.device;
  return (
    <>
      {cameras.length === 0 && <p>{words.noCameras}</p>}
      <ul class="options">
        {cameras.map(({ id, name, selected, state, problem }) => (
          <li key={id} data-camera-id={id} data-camera-state={state} data-selected={selected}>
            <span class="option-words">
              <span class="option-name">{name || id}</span>
              <span class="small">
                {words.states[state]}
                {name && ` · ${id}`}
              </span>
              {problem && (
                <span class="option-problem" lang="en">
                  {problem}
                </span>
              )}
            </span>
            <Use selected={selected} name={name || id} busy={busy} onUse={() => onSelect(id, name || id)} />
          </li>
        ))}
        <li data-camera-id="auto">
          <span class="option-words">
            <span class="option-name">{words.auto}</span>
            <span class="small">{words.autoHint}</span>
          </span>
          <Use selected={false} name={words.auto} busy={busy} onUse={() => onSelect("auto", words.auto)} />
        </li>
      </ul>
    </>
  );
}

function Use({ selected, name, busy, onUse }: { selected: boolean; name: string; busy: boolean; onUse(): void }) {
  const words = useTeaching().language.strings.device;
  if (selected) {
    return (
      <span class="in-use">
        <Icon name="check" />
        {words.inUse}
      </span>
    );
  }
  return (
    <button type="button" class="button" data-use aria-label={`${words.use}: ${name}`} aria-disabled={busy} onClick={onUse}>
      {words.use}
    </button>
  );
}
