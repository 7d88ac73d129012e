// Where in the page one is: the part of the address behind the #, so that the phone's own "back" works.

export type Tab = "teach" | "verdicts" | "quality" | "more";

export type Route =
  | { view: "labels" }
  | { view: "new" }
  | { view: "label"; id: number; sample: number | null }
  | { view: "edit"; id: number }
  | { view: "verdicts"; verdict: number | null }
  | { view: "quality" }
  | { view: "more" }
  | { view: "changes" }
  | { view: "data" }
  | { view: "device" }
  | { view: "security" };

const MORE = ["changes", "data", "device", "security"] as const;

const id = (part: string | undefined): number | null => (part && /^[1-9]\d{0,15}$/.test(part) ? Number(part) : null);

/** What an address means; the labels, where it means nothing. */
export function parseRoute(hash: string): Route {
  const [first, second, third, fourth] = hash.replace(/^#?\/?/, "").split("/");
  const number = id(second);
  switch (first) {
    case "teach":
      if (second === "new") return { view: "new" };
      if (number === null) break;
      if (third === "edit") return { view: "edit", id: number };
      return { view: "label", id: number, sample: third === "picture" ? id(fourth) : null };
    case "verdicts":
      return { view: "verdicts", verdict: number };
    case "quality":
      return { view: "quality" };
    case "more": {
      const view = MORE.find((known) => known === second);
      return { view: view ?? "more" };
    }
  }
  return { view: "labels" };
}

export function hrefOf(route: Route): string {
  switch (route.view) {
    case "labels":
      return "#/teach";
    case "new":
      return "#/teach/new";
    case "label":
      return route.sample === null ? `#/teach/${route.id}` : `#/teach/${route.id}/picture/${route.sample}`;
    case "edit":
      return `#/teach/${route.id}/edit`;
    case "verdicts":
      return route.verdict === null ? "#/verdicts" : `#/verdicts/${route.verdict}`;
    case "quality":
    case "more":
      return `#/${route.view}`;
    default:
      return `#/more/${route.view}`;
  }
}

export function tabOf({ view }: Route): Tab {
  if (view === "verdicts" || view === "quality") return view;
  return view === "labels" || view === "new" || view === "label" || view === "edit" ? "teach" : "more";
}

/** Where "back" in the page leads; null at the top of a tab. */
export function parentOf(route: Route): Route | null {
  switch (route.view) {
    case "new":
    case "label":
      return { view: "labels" };
    case "edit":
      return { view: "label", id: route.id, sample: null };
    case "changes":
    case "data":
    case "device":
    case "security":
      return { view: "more" };
    default:
      return null;
  }
}

/** Two routes with the same key are the same view, with or without a sheet before it. */
export const viewKey = (route: Route): string => ("id" in route ? `${route.view} ${route.id}` : route.view);
