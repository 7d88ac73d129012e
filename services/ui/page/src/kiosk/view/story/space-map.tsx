import { useEffect, useState } from "preact/hooks";
import type { Language } from "../../../language/choose";
import type { KioskStrings } from "../../../strings/kiosk";

type Embedded = typeof import("../../../space/embed");

/** All that was taught, in three dimensions. Fetched when it is first shown; without it there is nothing in its place. */
export function SpaceMap({ language }: { language: Language<KioskStrings> }) {
  const [embedded, setEmbedded] = useState<Embedded | null>(null);
  useEffect(() => {
    let wanted = true;
    import("../../../space/embed").then(
      (module) => wanted && setEmbedded(module),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, []);
  if (!embedded) return null;
  const { SpaceView, spaceStrings } = embedded;
  return (
    <div class="story-map">
      <SpaceView language={{ ...language, strings: spaceStrings[language.code] }} interactive={false} live={false} />
    </div>
  );
}
