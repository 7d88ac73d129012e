import { useEffect, useRef, useState } from "preact/hooks";
import type { TeachStrings } from "../../strings/teach";
import type { Api } from "../api/api";
import { Trouble } from "../api/trouble";
import { formatWait } from "../parts/time";
import { TroubleNote } from "../parts/trouble-note";
import { useAction } from "../state/action";
import { useCountdown } from "./countdown";
import { PinField } from "./pin-field";
import type { SessionNow } from "./session";

interface Props {
  api: Api;
  session: SessionNow;
  strings: TeachStrings;
  /** It was open before: what was typed waits behind. */
  again: boolean;
}

export function Unlock({ api, session, strings, again }: Props) {
  const words = strings.session;
  const [pin, setPin] = useState("");
  const { busy, trouble, run } = useAction();
  const wait = useCountdown(trouble);
  const form = useRef<HTMLFormElement>(null);
  const field = () => form.current?.querySelector("input");
  useEffect(() => field()?.focus(), []);
  // A wrong one is typed anew, not mended: nobody sees what is wrong with it.
  useEffect(() => {
    if (trouble?.code !== "UNAUTHENTICATED") return;
    setPin("");
    field()?.focus();
  }, [trouble]);
  const submit = async () => {
    try {
      await api.post("/api/session", { pin });
      session.set("OPEN");
    } catch (error) {
      // The PIN was taken away meanwhile: a new one is to be set.
      if (error instanceof Trouble && error.code === "FAILED_PRECONDITION") session.ask();
      throw error;
    }
  };
  return (
    <form
      ref={form}
      class="gate-form"
      data-gate="locked"
      onSubmit={(event) => {
        event.preventDefault();
        if (pin !== "" && wait === 0) run(submit);
      }}
    >
      <h1 tabIndex={-1}>{words.locked}</h1>
      <p class="lead">{again ? words.lockedAgain : words.lockedIntro}</p>
      <PinField name="pin" label={words.pin} value={pin} onInput={setPin} />
      <TroubleNote
        trouble={trouble}
        strings={strings}
        meaning={{
          UNAUTHENTICATED: words.wrongPin,
          TOO_MANY: wait > 0 ? words.wait(formatWait(trouble?.waitS ?? wait)) : strings.trouble.TOO_MANY,
        }}
      />
      <button type="submit" class="button primary wide" aria-disabled={busy || wait > 0 || pin === ""}>
        {wait > 0 ? formatWait(wait) : words.open}
      </button>
      <p class="small">{session.managed ? words.managed : words.forgotten}</p>
    </form>
  );
}
