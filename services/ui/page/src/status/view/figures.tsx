import { useEffect, useRef, useState } from "preact/hooks";
import { connect } from "../../server/connection";
import { reloadWhenServed } from "../../server/reload";
import { whileVisible } from "../../server/visible";
import { parseFrame } from "../frame";
import { Live } from "../live";

/** Follows the recognitions while the page can be seen, and draws anew once a second. */
export function useLive(lost: () => void): { live: Live; now: number } {
  const kept = useRef<Live | null>(null);
  const live = (kept.current ??= new Live());
  const [now, setNow] = useState(Date.now);
  useEffect(
    () =>
      whileVisible(() => {
        const end = follow(live, lost);
        const timer = setInterval(() => {
          live.tick(Date.now());
          setNow(Date.now());
        }, 1_000);
        return () => {
          end();
          clearInterval(timer);
          live.unwatch();
        };
      }),
    [],
  );
  return { live, now };
}

function follow(live: Live, lost: () => void): () => void {
  return connect("/recognitions", {
    events: {
      hello() {
        live.watch();
        // A greeting is no frame.
        return false;
      },
      recognition(data) {
        const frame = parseFrame(data);
        if (frame) live.take(frame, Date.now());
        return frame !== null;
      },
    },
    lost() {
      live.unwatch();
      lost();
    },
    rebooted: () => void reloadWhenServed(),
  });
}
