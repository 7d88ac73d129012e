import { useState } from "preact/hooks";
import type { TeachStrings } from "../../strings/teach";
import { Field } from "../parts/field";

interface Props {
  name: string;
  label: string;
  value: string;
  onInput(value: string): void;
  hint?: string;
  problem?: string | null;
  fresh?: boolean;
}

/** A PIN: of digits or of words. */
export function PinField({ fresh = false, ...rest }: Props) {
  return (
    <Field
      {...rest}
      secret
      autocomplete={fresh ? "new-password" : "current-password"}
      required
      maxLength={64}
    />
  );
}

/** In characters, as the server has it. */
const SHORTEST = 6;
const LONGEST = 32;

const lengthOf = (pin: string): number => [...pin].length;

/** Two PINs that have to be the same, as nobody sees what was typed. */
export function useNewPin() {
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  return {
    pin,
    setPin,
    again,
    setAgain,
    // Not while the second is still being typed.
    differ: again.length >= pin.length && again !== pin,
    long: lengthOf(pin) > LONGEST,
    ready: lengthOf(pin) >= SHORTEST && lengthOf(pin) <= LONGEST && pin === again,
    forget() {
      setPin("");
      setAgain("");
    },
  };
}

interface NewProps {
  /** Of the first field; the second has "-again" behind it. */
  name: string;
  fresh: ReturnType<typeof useNewPin>;
  words: TeachStrings["session"];
}

/** Where a new PIN is typed, twice. */
export function NewPinFields({ name, fresh, words }: NewProps) {
  return (
    <>
      <PinField
        name={name}
        label={words.newPin}
        value={fresh.pin}
        onInput={fresh.setPin}
        hint={words.length}
        problem={fresh.long ? words.length : null}
        fresh
      />
      <PinField
        name={`${name}-again`}
        label={words.pinAgain}
        value={fresh.again}
        onInput={fresh.setAgain}
        problem={fresh.differ ? words.differ : null}
        fresh
      />
    </>
  );
}
