import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useVisible } from "../server/visible";
import { Api } from "./api/api";
import { parseLabels, parseSamples } from "./contract/label";
import { Faces } from "./labels/faces";
import { judging } from "./labels/grade";
import { Feed } from "./live/feed";
import { useTeachStream } from "./live/use-feed";
import { focusHeading } from "./parts/keep-focus";
import { NoticeBar } from "./parts/notice-bar";
import { Page } from "./page";
import { Gate } from "./session/gate";
import { useSession } from "./session/session";
import { useChanges } from "./state/changes";
import { useLanguage } from "./state/language";
import { useRestart } from "./state/restart";
import { OTHERS_MS, useResource } from "./state/resource";
import { TeachingContext, type Teaching } from "./state/teaching";

/** A judgement follows its change within moments. */
const JUDGED_MS = 1_500;

/** The teaching page: the gate, or what is behind it. */
export function App() {
  const [language, choose] = useLanguage();
  const api = useMemo(() => new Api(), []);
  const feed = useMemo(() => new Feed(), []);
  const faces = useMemo(
    () =>
      new Faces(async (label) => parseSamples(await api.get(`/api/labels/${label}/samples`)).samples[0]?.id ?? null),
    [],
  );
  const session = useSession(api);
  const visible = useVisible();
  const open = session.state === "OPEN";
  const live = open && visible;
  // What was there and typed stays behind the lock, until somebody signs out.
  const [entered, setEntered] = useState(false);
  useEffect(() => {
    if (open) setEntered(true);
  }, [open]);
  // The gate took the focus with it. Who finds the page open has it where the browser puts it.
  const locked = useRef(false);
  useEffect(() => {
    if (open && locked.current) focusHeading();
    locked.current = session.state === "LOCKED" || session.state === "SETUP";
  }, [session.state]);
  api.onLocked = () => session.set("LOCKED");

  const { revision, undone, notice, say, changed, undo, gone } = useChanges(api, language.strings, faces);
  const labels = useResource({
    subject: live ? "labels" : null,
    revision,
    load: async (signal) => parseLabels(await api.get("/api/labels", { signal })),
    again: (value) => (judging(value) ? JUDGED_MS : OTHERS_MS),
  });
  useTeachStream(feed, open, session.ask, useRestart());

  const signOut = async () => {
    await api.delete("/api/session");
    setEntered(false);
    gone(null);
    session.set("LOCKED");
  };
  const teaching: Teaching = {
    language,
    choose,
    api,
    session: { managed: session.managed, signOut },
    open,
    live,
    labels,
    revision,
    undone,
    faces,
    feed,
    say,
    hush: () => gone(null),
    changed,
    undo,
  };
  return (
    <TeachingContext.Provider value={teaching}>
      {!open && <Gate api={api} session={session} language={language} choose={choose} again={entered} />}
      {(open || entered) && (
        <div class="teach" id="teach" data-session={session.state ?? ""} hidden={!open} inert={!open}>
          <Page away={session.trouble} />
          <NoticeBar notice={notice} strings={language.strings} onUndo={undo} onGone={gone} />
        </div>
      )}
    </TeachingContext.Provider>
  );
}
