import { useEffect, useState } from "preact/hooks";
import { connect } from "../../server/connection";
import { whileVisible } from "../../server/visible";
import { parseVerdict } from "../contract/verdict";
import type { Feed, Verdicts } from "./feed";

/** Keeps the mirror teaching, and the feed fed, while `on` and somebody can see the page. */
export function useTeachStream(feed: Feed, on: boolean, lost: () => void, rebooted: () => void): void {
  useEffect(() => {
    if (!on) return;
    const stream = () =>
      connect("/api/teach", {
        events: {
          hello() {
            // Another stream, perhaps of another process.
            feed.reset();
            // A greeting is no verdict.
            return false;
          },
          verdict(data) {
            const verdict = parseVerdict(data);
            if (verdict) feed.add(verdict);
            return verdict !== null;
          },
        },
        lost() {
          feed.quiet();
          lost();
        },
        rebooted,
      });
    // At once when the phone is put away: an effect would come when the browser pleases.
    return whileVisible(() => {
      feed.reset();
      return stream();
    });
  }, [on]);
}

export function useFeed(feed: Feed): Verdicts {
  const [now, setNow] = useState(feed.now);
  useEffect(() => {
    setNow(feed.now);
    return feed.listen(() => setNow(feed.now));
  }, [feed]);
  return now;
}
