import { useState } from "preact/hooks";
import { parseLabel, type Label, type LabelKind } from "../contract/label";
import { Field } from "../parts/field";
import { Icon } from "../parts/icon";
import { TroubleNote } from "../parts/trouble-note";
import { useAction } from "../state/action";
import { useKept } from "../state/restart";
import { hrefOf } from "../state/route";
import { go, replace, staying } from "../state/use-route";
import { useTeaching } from "../state/teaching";
import { useLabelMaker } from "./create";
import { differences, draftOf, EMPTY, LONGEST, type Draft } from "./draft";
import { Shoppers } from "./shoppers";

/** A new label, or one that is there. */
export function LabelForm({ label }: { label: Label | null }) {
  const { api, language, changed, labels } = useTeaching();
  const { make } = useLabelMaker();
  const { strings } = language;
  const words = strings.labels;
  const [saved, setSaved] = useState<Draft>(label ? draftOf(label) : EMPTY);
  const [draft, setDraft] = useState(saved);
  // Only a product number that was just saved is worth drawing the eye to what it brings.
  const [opened] = useState(label?.productId);
  const { busy, trouble, run, clear } = useAction();
  const removal = useAction();
  const set = (more: Partial<Draft>) => {
    clear();
    setDraft({ ...draft, ...more });
  };
  const different = differences(draft, saved);
  useKept(different !== null);

  const create = async () => {
    const here = staying();
    const made = await make({ ...different, kind: draft.kind });
    void changed(words.created(made.name), "CREATE_LABEL");
    // With a product number, what shoppers will see is the next thing to look at.
    here(() => replace(made.productId ? { view: "edit", id: made.id } : { view: "label", id: made.id, sample: null }));
  };
  const update = async (id: number) => {
    const here = staying();
    const made = parseLabel(await api.patch(`/api/labels/${id}`, different ?? {}));
    const productToo = made.productId !== "" && made.productId !== saved.productId;
    setSaved(draftOf(made));
    setDraft(draftOf(made));
    void changed(words.renamed(made.name), "UPDATE_LABEL");
    if (!productToo) here(() => go({ view: "label", id, sample: null }));
  };
  const remove = async ({ id, name, samples }: Label) => {
    const here = staying();
    await api.delete(`/api/labels/${id}`);
    void changed(words.deleted(name, samples), "DELETE_LABEL");
    here(() => replace({ view: "labels" }));
  };
  const ready = draft.name.trim() !== "" && different !== null;
  return (
    <>
      <form
        class="form"
        data-label-form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) run(() => (label ? update(label.id) : create()));
        }}
      >
        <Field
          name="name"
          label={words.name}
          hint={words.nameHint}
          value={draft.name}
          onInput={(name) => set({ name })}
          problem={trouble?.code === "ALREADY_EXISTS" ? words.nameTaken : null}
          maxLength={LONGEST.name}
          required
        />
        <fieldset class="kinds">
          <legend>{words.kind}</legend>
          <Kind kind="PRODUCT" name={words.product} hint={words.productHint} draft={draft} onChoose={set} />
          <Kind kind="BACKGROUND" name={words.background} hint={words.backgroundHint} draft={draft} onChoose={set} />
        </fieldset>
        {draft.kind === "PRODUCT" && (
          <>
            <Field
              name="product-id"
              label={words.trigger}
              note={`(${strings.labels.optional})`}
              hint={words.triggerHint}
              value={draft.productId}
              onInput={(productId) => set({ productId })}
              maxLength={LONGEST.productId}
            />
            <details class="rare" open={draft.productOrigin !== ""}>
              <summary>{words.origin}</summary>
              <Field
                name="product-origin"
                label={words.origin}
                note={`(${strings.labels.optional})`}
                hint={words.originHint}
                value={draft.productOrigin}
                onInput={(productOrigin) => set({ productOrigin })}
                maxLength={LONGEST.productOrigin}
              />
            </details>
          </>
        )}
        {trouble?.code !== "ALREADY_EXISTS" && (
          <TroubleNote trouble={trouble} strings={strings} meaning={{ NOT_FOUND: words.gone }} />
        )}
        <button type="submit" class="button primary wide" data-save aria-disabled={busy || !ready}>
          {label && !different ? words.saved : strings.save}
        </button>
      </form>
      {label && saved.kind === "PRODUCT" && saved.productId !== "" && (
        <Shoppers
          label={label.id}
          product={saved.productId}
          reveal={label.samples === 0 || label.productId !== opened}
        />
      )}
      {label && !different && (
        <a
          class={`button wide ${label.samples === 0 ? "primary" : ""}`}
          href={hrefOf({ view: "label", id: label.id, sample: null })}
          data-teach-now
        >
          <Icon name="teach" />
          {label.samples === 0 ? words.teachNow : strings.done}
        </a>
      )}
      {label && (
        <div class="removal">
          <button
            type="button"
            class="button wide"
            data-delete-label
            aria-disabled={removal.busy || labels.value === null}
            onClick={() => labels.value && removal.run(() => remove(label))}
          >
            <Icon name="trash" />
            {words.deleteLabel}
          </button>
          <p class="small">{words.deleteHint}</p>
          <TroubleNote trouble={removal.trouble} strings={strings} meaning={{ NOT_FOUND: words.gone }} />
        </div>
      )}
    </>
  );
}

interface KindProps {
  kind: LabelKind;
  name: string;
  hint: string;
  draft: Draft;
  onChoose(more: Partial<Draft>): void;
}

function Kind({ kind, name, hint, draft, onChoose }: KindProps) {
  return (
    <label class="kind">
      <input type="radio" name="kind" value={kind} checked={draft.kind === kind} onChange={() => onChoose({ kind })} />
      <span class="kind-words">
        <span class="kind-name">{name}</span>
        <span class="kind-hint">{hint}</span>
      </span>
    </label>
  );
}
