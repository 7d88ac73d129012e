import { useEffect, useState } from "preact/hooks";
import { connect } from "../../server/connection";
import { parseVerdict } from "../contract/verdict";
import type { Feed, Verdicts } from "./feed";

/** Keeps the mirror teaching, and the feed fed, while `on`. */
export function useTeachStream(feed: Feed, on: boolean, lost: () => void, rebooted: () => void): void {
  useEffect(() => {
    if (!on) return;
    feed.reset();
    return connect("/api/teach", {
      events: {
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
