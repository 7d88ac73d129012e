import { useEffect } from "preact/hooks";
import type { Code, Language } from "../../language/choose";
import type { TeachStrings } from "../../strings/teach";
import type { Api } from "../api/api";
import { LanguageSwitch } from "../parts/language-switch";
import { TroubleNote } from "../parts/trouble-note";
import type { SessionNow } from "./session";
import { Setup } from "./setup";
import { Unlock } from "./unlock";

interface Props {
  api: Api;
  session: SessionNow;
  language: Language<TeachStrings>;
  choose(code: Code): void;
  again: boolean;
}

/** What stands before the page until the session is open. */
export function Gate({ api, session, language, choose, again }: Props) {
  const { strings } = language;
  const { locked, setup } = strings.session;
  const step = session.state === "SETUP" ? setup : session.state === "LOCKED" ? locked : "";
  useEffect(() => {
    document.title = step ? `${step} – ${strings.title}` : strings.title;
  }, [step, strings]);
  return (
    <main class="gate">
      <div class="gate-mark" aria-hidden="true" />
      {session.state === "SETUP" && <Setup api={api} session={session} strings={strings} />}
      {session.state === "LOCKED" && <Unlock api={api} session={session} strings={strings} again={again} />}
      {session.state === null && (
        <div class="gate-form" data-gate="looking">
          <h1>{strings.title}</h1>
          {session.trouble ? (
            <TroubleNote trouble={session.trouble} strings={strings} heals onRetry={session.ask} />
          ) : (
            <p class="lead late">{strings.session.looking}</p>
          )}
        </div>
      )}
      <LanguageSwitch language={language} choose={choose} />
    </main>
  );
}
