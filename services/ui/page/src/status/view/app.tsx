import { healthOf, mirrorTime, type Screen } from "../screen";
import type { Voice } from "../voice";
import { Cameras } from "./cameras";
import { Header } from "./header";
import { Headline } from "./headline";
import { Help } from "./help";
import { LivePanel } from "./live";
import { GalleryPanel, Provider, Storage } from "./memory";
import { ModelPanel } from "./model";
import { Services } from "./services";

interface Props {
  screen: Screen;
  voice: Voice;
  /** Another page's address, in the language that was asked for here. */
  link(path: string): string;
  onLost(): void;
}

export function App({ screen, voice, link, onLost }: Props) {
  const { report } = screen;
  const health = healthOf(screen);
  const common = { voice, stale: health === "unknown" };
  return (
    <>
      <Header voice={voice} link={link} />
      <main id="status" data-health={health} data-severity={health === "unknown" ? "unknown" : screen.severity}>
        <Headline screen={screen} voice={voice} link={link} />
        {report && (
          <div class="panels">
            <Services report={report} now={mirrorTime(screen, screen.heardAt)} {...common} />
            <ModelPanel model={report.model} {...common} />
            <Cameras cameras={report.cameras} known={report.inference !== null} {...common} />
            <LivePanel
              inference={report.inference}
              state={report.recommender?.state ?? ""}
              expected={screen.severity !== "down"}
              onLost={onLost}
              {...common}
            />
            <GalleryPanel gallery={report.gallery} teaching={report.recommender?.teaching ?? 0} {...common} />
            <Provider recommender={report.recommender} {...common} />
            <Storage recommender={report.recommender} {...common} />
            <Help streams={report.ui.streams} {...common} />
          </div>
        )}
      </main>
    </>
  );
}
