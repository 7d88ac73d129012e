import { useId } from "preact/hooks";

interface Props {
  name: string;
  label: string;
  hint?: string;
  note?: string;
  value: string;
  onInput(value: string): void;
  problem?: string | null;
  maxLength?: number;
  required?: boolean;
  secret?: boolean;
  autocomplete?: string;
}

/** A line of text with its label above and what there is to say of it beneath. */
export function Field({
  name,
  label,
  hint,
  note,
  value,
  onInput,
  problem,
  secret = false,
  autocomplete = "off",
  ...rest
}: Props) {
  const id = useId();
  const about = problem ? `${id}-problem` : hint ? `${id}-hint` : undefined;
  const input = {
    id,
    name,
    autocomplete,
    autocapitalize: "off",
    spellcheck: false,
    maxLength: rest.maxLength,
    required: rest.required,
    value,
    "aria-invalid": problem ? true : undefined,
    "aria-describedby": about,
    onInput: (event: { currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
  } as const;
  return (
    <div class="field">
      <label for={id}>
        {label}
        {note && <span class="field-note"> {note}</span>}
      </label>
      {secret ? <input {...input} type="password" /> : <input {...input} type="text" />}
      {problem ? (
        <p class="field-problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      ) : (
        hint && (
          <p class="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}
