import { hrefOf, tabOf, type Route, type Tab } from "../state/route";
import { useStrings } from "../state/teaching";
import { Icon } from "./icon";

const TOPS: Record<Tab, Route> = {
  teach: { view: "labels" },
  verdicts: { view: "verdicts", verdict: null },
  quality: { view: "quality" },
  more: { view: "more" },
};

/** Within reach of the thumb. */
export function Tabs({ route }: { route: Route }) {
  const strings = useStrings();
  const here = tabOf(route);
  return (
    <nav class="tabs" aria-label={strings.sections}>
      {(Object.keys(TOPS) as Tab[]).map((tab) => (
        <a
          key={tab}
          class="tab"
          href={hrefOf(TOPS[tab])}
          data-tab={tab}
          aria-current={tab === here ? "page" : undefined}
        >
          <Icon name={tab} />
          <span>{strings.tabs[tab]}</span>
        </a>
      ))}
    </nav>
  );
}
