import { useState } from "preact/hooks";
import { formatWait } from "../parts/time";
import { TroubleNote } from "../parts/trouble-note";
import { useCountdown } from "../session/countdown";
import { NewPinFields, PinField, useNewPin } from "../session/pin-field";
import { useAction } from "../state/action";
import { useTeaching } from "../state/teaching";

export function Security() {
  const { api, language, session, say } = useTeaching();
  const { strings } = language;
  const words = strings.session;
  const [old, setOld] = useState("");
  const fresh = useNewPin();
  const { busy, trouble, run } = useAction();
  const wait = useCountdown(trouble);
  if (session.managed)
    return (
      <p class="panel" data-managed>
        {words.managed}
      </p>
    );
  const change = async () => {
    await api.put("/api/pin", { pin: old, new_pin: fresh.pin });
    setOld("");
    fresh.forget();
    say(words.changed);
  };
  return (
    <form
      class="form"
      data-pin-form
      onSubmit={(event) => {
        event.preventDefault();
        if (old !== "" && fresh.ready && wait === 0) run(change);
      }}
    >
      <p class="lead">{words.securityHint}</p>
      <PinField name="pin" label={words.oldPin} value={old} onInput={setOld} />
      <NewPinFields name="new-pin" fresh={fresh} words={words} />
      <TroubleNote
        trouble={trouble}
        strings={strings}
        meaning={{
          PERMISSION_DENIED: words.wrongPin,
          INVALID_ARGUMENT: words.unfit,
          TOO_MANY: wait > 0 ? words.wait(formatWait(trouble?.waitS ?? wait)) : strings.trouble.TOO_MANY,
        }}
      />
      <button type="submit" class="button primary wide" aria-disabled={busy || wait > 0 || old === "" || !fresh.ready}>
        {wait > 0 ? formatWait(wait) : words.change}
      </button>
    </form>
  );
}
