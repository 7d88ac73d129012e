import { useEffect, useRef } from "preact/hooks";
import type { Trouble } from "./api/trouble";
import { CapturePanel } from "./capture/panel";
import { useCapture } from "./capture/use-capture";
import type { Label } from "./contract/label";
import { Live } from "./live/live";
import { useFeed } from "./live/use-feed";
import { Icon } from "./parts/icon";
import { focusHeading } from "./parts/keep-focus";
import { Tabs } from "./parts/tabs";
import { TroubleNote } from "./parts/trouble-note";
import { hrefOf, parentOf, tabOf, viewKey, type Route } from "./state/route";
import { useTeaching } from "./state/teaching";
import { useRoute } from "./state/use-route";
import { View } from "./view";
import type { TeachStrings } from "../strings/teach";

/** On every taken sample: a nudge, not a buzz. */
const NUDGE_MS = 18;

/** What is behind the gate: a bar above, a view, and the tabs below. */
export function Page({ away }: { away: Trouble | null }) {
  const { api, language, open, live, labels, changed, hush } = useTeaching();
  const { strings } = language;
  const route = useRoute();
  const label = "id" in route ? (labels.value?.find(({ id }) => id === route.id) ?? null) : null;
  const capture = useCapture({
    api,
    label: route.view === "label" ? route.id : null,
    live,
    // The undo of what was before would now take back something else.
    began: hush,
    took: () => navigator.vibrate?.(NUDGE_MS),
    ended: (taken, settled) =>
      void changed(taken > 0 ? strings.capture.taken(taken) : undefined, "ADD_SAMPLES", settled),
  });
  const title = titleOf(route, label, strings);
  useViewChange(viewKey(route), title, strings.title, open);
  const tab = tabOf(route);
  useEffect(() => labels.reload(), [tab]);
  const back = parentOf(route);
  const watches = route.view === "labels" || route.view === "label" || route.view === "verdicts";
  return (
    <>
      <header class="bar">
        {back && (
          <a class="icon-button" href={hrefOf(back)} aria-label={strings.back} data-back>
            <Icon name="back" />
          </a>
        )}
        <h1 tabIndex={-1}>{title}</h1>
        <TeachingSign away={away !== null} />
        {route.view === "label" && label && (
          <a class="icon-button" href={hrefOf({ view: "edit", id: label.id })} aria-label={strings.edit} data-edit>
            <Icon name="edit" />
          </a>
        )}
      </header>
      <main class="page" data-view={route.view} data-columns={watches}>
        <div class="away-place">{away && <TroubleNote trouble={away} strings={strings} heals />}</div>
        {watches && (
          <div class="stage">
            <Live />
            {route.view === "label" && label && <CapturePanel capture={capture} />}
            {route.view === "labels" && <p class="small stage-note">{strings.live.teachingHint}</p>}
          </div>
        )}
        <div class="content">
          <View key={viewKey(route)} route={route} label={label} capture={capture} />
        </div>
      </main>
      <Tabs route={route} />
    </>
  );
}

/** Says in every view that the mirror shows shoppers nothing now. */
function TeachingSign({ away }: { away: boolean }) {
  const { language, feed } = useTeaching();
  const { live } = language.strings;
  const { link } = useFeed(feed);
  const teaching = link !== "connecting" && !away;
  return (
    <p class="sign" data-teaching={teaching} title={live.teachingHint}>
      <span>{teaching ? live.teaching : live.paused}</span>
    </p>
  );
}

/** The focus goes to the new view's heading, so that a screen reader says where one is. */
function useViewChange(key: string, title: string, page: string, open: boolean): void {
  const first = useRef(true);
  useEffect(() => {
    // The gate has a title of its own.
    if (open) document.title = `${title} – ${page}`;
  }, [title, page, open]);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    scrollTo(0, 0);
    focusHeading();
  }, [key]);
}

function titleOf(route: Route, label: Label | null, strings: TeachStrings): string {
  switch (route.view) {
    case "labels":
      return strings.labels.title;
    case "new":
      return strings.labels.create;
    case "label":
      return label?.name ?? strings.labels.title;
    case "edit":
      return strings.labels.editTitle;
    case "verdicts":
    case "quality":
      return strings[route.view].title;
    case "more":
      return strings.tabs.more;
    case "security":
      return strings.session.security;
    default:
      return strings[route.view].title;
  }
}
