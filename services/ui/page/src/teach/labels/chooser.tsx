import { useState } from "preact/hooks";
import type { Label } from "../contract/label";
import { Field } from "../parts/field";
import { Icon } from "../parts/icon";
import { useTeaching } from "../state/teaching";
import { Face } from "./face";
import { search } from "./grade";
import { LONGEST } from "./draft";

interface Props {
  /** Offered first, as chips. */
  likely?: readonly Label[];
  /** Not offered. */
  except?: number;
  busy: boolean;
  onChoose(label: Label): void;
  /** A label of a new name. */
  onCreate(name: string): void;
}

/** Says which label it is: one tap for the likely ones, a few letters for the others, or a new name. */
export function LabelChooser({ likely = [], except, busy, onChoose, onCreate }: Props) {
  const { language, labels } = useTeaching();
  const words = language.strings.verdicts;
  const [wanted, setWanted] = useState("");
  const all = (labels.value ?? []).filter(({ id }) => id !== except);
  const found = search(all, wanted);
  const name = wanted.trim();
  const there = (labels.value ?? []).some((label) => label.name.toLocaleLowerCase() === name.toLocaleLowerCase());
  return (
    <div class="chooser">
      {likely.length > 0 && (
        <>
          <h3>{words.likely}</h3>
          <ul class="chips">
            {likely.map((label) => (
              <li key={label.id}>
                <button
                  type="button"
                  class="button chip"
                  data-choose={label.id}
                  aria-disabled={busy}
                  onClick={() => onChoose(label)}
                >
                  {label.name}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <Field name="find" label={words.find} value={wanted} onInput={setWanted} maxLength={LONGEST.name} />
      <ul class="choices">
        {name !== "" && !there && (
          <li>
            <button type="button" class="row choice" data-create aria-disabled={busy} onClick={() => onCreate(name)}>
              <span class="face plus">
                <Icon name="plus" />
              </span>
              <span class="row-name">{words.create(name)}</span>
            </button>
          </li>
        )}
        {found.map((label) => (
          <li key={label.id}>
            <button
              type="button"
              class="row choice"
              data-choose={label.id}
              aria-disabled={busy}
              onClick={() => onChoose(label)}
            >
              <Face label={label.id} />
              <span class="row-name">{label.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
