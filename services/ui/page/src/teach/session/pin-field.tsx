import { useState } from "preact/hooks";
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

/** A PIN: digits come easiest, but an operator may have set words. */
export function PinField({ fresh = false, ...rest }: Props) {
  return (
    <Field
      {...rest}
      secret
      inputMode="numeric"
      autocomplete={fresh ? "new-password" : "current-password"}
      required
      maxLength={64}
    />
  );
}

/** In characters, as the server has it. */
const SHORTEST = 6;

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
    ready: [...pin].length >= SHORTEST && pin === again,
    forget() {
      setPin("");
      setAgain("");
    },
  };
}
