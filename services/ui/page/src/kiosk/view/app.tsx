import type { Label, ProductCard } from "../contract";
import type { Options } from "../options";
import { cardsOf, noteOf, sceneKey, sceneOf, seesNothing, stateName, type Scene, type Screen } from "../screen";
import type { Told } from "../story/run";
import { useStory } from "../story/use-story";
import type { Language } from "../../language/choose";
import { useVisible } from "../../server/visible";
import type { KioskStrings } from "../../strings/kiosk";
import { Ember } from "./ember";
import { Lens } from "./lens";
import { Message } from "./message";
import { Product } from "./product";
import { StoryView } from "./story/story";

/** When everything is away, a longer list helps nobody; the gravest come first. */
const MOST_REASONS = 3;

interface Props {
  screen: Screen;
  /** Nobody has been there for long. */
  dark: boolean;
  language: Language<KioskStrings>;
  options: Options;
  onTouch(label: Label, card: ProductCard): void;
}

export function App({ screen, dark, language, options, onTouch }: Props) {
  const { strings } = language;
  const scene = sceneOf(screen);
  const label = scene.kind === "product" ? scene.label.name : "";
  // Nothing to see while the camera or the server is away: no use in asking.
  const watching = screen.connected && screen.last !== null && !seesNothing(screen.last) && !dark;
  const visible = useVisible();
  const idle = scene.kind === "idle" && screen.connected && !dark && visible;
  const told = useStory(idle && options.storyStepMs > 0, options.storyStepMs, language.code);
  return (
    <main
      id="mirror"
      data-state={stateName(screen)}
      data-scene={scene.kind}
      data-label={label}
      data-cards={cardsOf(scene).length}
      data-dim={dark}
      data-story={scene.kind === "idle" ? (told?.step ?? "invitation") : ""}
    >
      {/* Stays in place while its words change: only then does a screen reader say them. */}
      <p class="spoken" role="status" aria-live="polite">
        {label && strings.spoken(label)}
      </p>
      <div class="stage">
        <Lens description={strings.preview} preview={options.preview} watching={watching} />
        <SceneView key={sceneKey(scene)} scene={scene} told={told} screen={screen} language={language} onTouch={onTouch} />
      </div>
      {!screen.connected && !dark && (
        <p class="link" role="status">
          {linkOf(screen, strings)}
        </p>
      )}
      {dark && <Ember words={signOf(scene, screen, strings)} />}
    </main>
  );
}

const linkOf = (screen: Screen, strings: KioskStrings) => (screen.last ? strings.reconnecting : strings.connecting);

/** What even a dark screen says; "": all is well. */
function signOf(scene: Scene, screen: Screen, strings: KioskStrings): string {
  if (!screen.connected) return linkOf(screen, strings);
  return scene.kind === "degraded" ? strings.degraded : "";
}

interface SceneProps {
  scene: Scene;
  told: Told | null;
  screen: Screen;
  language: Language<KioskStrings>;
  onTouch(label: Label, card: ProductCard): void;
}

function SceneView({ scene, told, screen, language, onTouch }: SceneProps) {
  const { strings } = language;
  switch (scene.kind) {
    case "blank":
      return null;
    case "idle":
      return (
        <>
          <Message title={strings.idle} lines={[strings.idleHint]} />
          {told && <StoryView told={told} language={language} />}
        </>
      );
    case "looking":
      return <Message title={strings.looking} />;
    case "teaching":
      return <Message title={strings.teaching} lines={[strings.teachingHint]} />;
    case "degraded":
      return (
        <Message
          title={strings.degraded}
          lines={scene.away.slice(0, MOST_REASONS).map((component) => strings.away[component])}
          promise={strings.comesBack}
        />
      );
    case "product": {
      const note = noteOf(screen);
      const { label, offers } = scene;
      return (
        <Product
          label={label}
          offers={offers}
          note={note && strings[note]}
          language={language}
          onTouch={(card) => onTouch(label, card)}
        />
      );
    }
  }
}
