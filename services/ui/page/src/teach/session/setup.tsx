import { useState } from "preact/hooks";
import type { TeachStrings } from "../../strings/teach";
import type { Api } from "../api/api";
import { Trouble } from "../api/trouble";
import { Field } from "../parts/field";
import { formatWait } from "../parts/time";
import { TroubleNote } from "../parts/trouble-note";
import { useAction } from "../state/action";
import { useCountdown } from "./countdown";
import { NewPinFields, useNewPin } from "./pin-field";
import type { SessionNow } from "./session";

interface Props {
  api: Api;
  session: SessionNow;
  strings: TeachStrings;
}

/** The first PIN, with the proof that one is the mirror's operator. */
export function Setup({ api, session, strings }: Props) {
  const words = strings.session;
  const [code, setCode] = useState("");
  const fresh = useNewPin();
  const { busy, trouble, run } = useAction();
  const wait = useCountdown(trouble);
  const submit = async () => {
    try {
      await api.post("/api/pin", { code: code.trim(), pin: fresh.pin });
      session.set("OPEN");
    } catch (error) {
      // Somebody else was faster: the PIN is asked for instead.
      if (error instanceof Trouble && (error.code === "FAILED_PRECONDITION" || error.code === "ALREADY_EXISTS"))
        session.ask();
      throw error;
    }
  };
  return (
    <form
      class="gate-form"
      data-gate="setup"
      onSubmit={(event) => {
        event.preventDefault();
        if (fresh.ready && wait === 0 && code.trim() !== "") run(submit);
      }}
    >
      <h1 tabIndex={-1}>{words.setup}</h1>
      <p class="lead">{words.setupIntro}</p>
      <ol class="steps">
        <li>
          <strong>{words.steps.find}</strong>
          <p>{words.steps.findHow}</p>
          <code>{words.steps.log}</code>
        </li>
        <li>
          <strong>{words.steps.enter}</strong>
          <p>{words.steps.enterHow}</p>
        </li>
        <li>
          <strong>{words.steps.choose}</strong>
          <p>{words.steps.chooseHow}</p>
        </li>
      </ol>
      <Field name="code" label={words.code} value={code} onInput={setCode} required maxLength={64} />
      <NewPinFields name="pin" fresh={fresh} words={words} />
      <TroubleNote
        trouble={trouble}
        strings={strings}
        meaning={{
          UNAUTHENTICATED: words.wrongCode,
          PERMISSION_DENIED: words.wrongCode,
          FAILED_PRECONDITION: words.taken,
          ALREADY_EXISTS: words.taken,
          INVALID_ARGUMENT: words.unfit,
          TOO_MANY: wait > 0 ? words.wait(formatWait(trouble?.waitS ?? wait)) : strings.trouble.TOO_MANY,
        }}
      />
      <button
        type="submit"
        class="button primary wide"
        aria-disabled={busy || wait > 0 || !fresh.ready || code.trim() === ""}
      >
        {wait > 0 ? formatWait(wait) : words.setPin}
      </button>
    </form>
  );
}
