import { useEffect, useState } from "preact/hooks";
import { hrefOf, parseRoute, type Route } from "./route";

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const moved = () => setHash(location.hash);
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return parseRoute(hash);
}

/** For what takes a while: leads on only if nobody has gone elsewhere meanwhile. */
export function staying(): (step: () => void) => void {
  const at = location.hash;
  return (step) => {
    if (location.hash === at) step();
  };
}

export function go(route: Route): void {
  location.hash = hrefOf(route);
}

/** In place of where one is: "back" doesn't lead there again. */
export function replace(route: Route): void {
  const { pathname, search } = location;
  history.replaceState(history.state, "", pathname + search + hrefOf(route));
  dispatchEvent(new HashChangeEvent("hashchange"));
}
