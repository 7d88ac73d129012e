import { useState } from "preact/hooks";
import type { Label, Sample } from "../contract/label";
import { LabelChooser } from "../labels/chooser";
import { useLabelMaker } from "../labels/create";
import { Icon } from "../parts/icon";
import { Sheet } from "../parts/sheet";
import { formatTime } from "../parts/time";
import { TroubleNote } from "../parts/trouble-note";
import { useAction } from "../state/action";
import { useTeaching } from "../state/teaching";
import { replace, staying } from "../state/use-route";
import { SamplePicture } from "./picture";

interface Props {
  label: Label;
  samples: readonly Sample[];
  id: number;
}

/** One sample, large, to look at, move or delete. */
export function SampleSheet({ label, samples, id }: Props) {
  const { api, language, changed } = useTeaching();
  const { makeFor } = useLabelMaker();
  const { strings, locale } = language;
  const words = strings.samples;
  const [moving, setMoving] = useState(false);
  const { busy, trouble, run, clear } = useAction();
  const at = samples.findIndex((sample) => sample.id === id);
  const sample = samples[at];
  const close = () => replace({ view: "label", id: label.id, sample: null });
  const turn = (step: number) => {
    const next = samples[at + step];
    if (!next || busy) return;
    clear();
    replace({ view: "label", id: label.id, sample: next.id });
  };
  const remove = async () => {
    const here = staying();
    await api.delete(`/api/samples/${id}`);
    here(close);
    void changed(words.deleted, "DELETE_SAMPLE");
  };
  const move = async (to: Label) => {
    const here = staying();
    await api.post(`/api/samples/${id}/move`, { label_id: to.id });
    here(close);
    void changed(words.moved(to.name), "MOVE_SAMPLE");
  };
  return (
    <Sheet
      name="sample"
      title={moving ? words.moveTitle : words.enlarged}
      onClose={moving ? () => setMoving(false) : close}
    >
      {!sample && <p>{words.gone}</p>}
      {sample && !moving && (
        <>
          <div class="large">
            <SamplePicture key={id} id={id} alt={words.enlarged} />
          </div>
          <div class="sheet-row">
            <button
              type="button"
              class="icon-button"
              aria-label={words.newer}
              aria-disabled={at <= 0}
              onClick={() => turn(-1)}
            >
              <Icon name="back" />
            </button>
            <p class="small">{words.taken(formatTime(sample.at, locale))}</p>
            <button
              type="button"
              class="icon-button"
              aria-label={words.older}
              aria-disabled={at >= samples.length - 1}
              onClick={() => turn(1)}
            >
              <Icon name="right" />
            </button>
          </div>
          <TroubleNote trouble={trouble} strings={strings} meaning={{ NOT_FOUND: words.gone }} />
          <div class="sheet-row even">
            <button type="button" class="button" data-move aria-disabled={busy} onClick={() => !busy && setMoving(true)}>
              <Icon name="move" />
              {words.move}
            </button>
            <button type="button" class="button" data-delete-sample aria-disabled={busy} onClick={() => run(remove)}>
              <Icon name="trash" />
              {strings.remove}
            </button>
          </div>
        </>
      )}
      {sample && moving && (
        <>
          <LabelChooser
            except={label.id}
            busy={busy}
            onChoose={(to) => run(() => move(to))}
            onCreate={(name) => run(() => makeFor(name, move))}
          />
          <TroubleNote
            trouble={trouble}
            strings={strings}
            meaning={{ NOT_FOUND: words.gone, ALREADY_EXISTS: strings.labels.nameTaken }}
          />
        </>
      )}
    </Sheet>
  );
}
