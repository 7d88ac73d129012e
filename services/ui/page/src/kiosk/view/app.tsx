import type { Label, ProductCard } from "../contract";
import { cardsOf, noteOf, sceneKey, sceneOf, seesNothing, stateName, type Scene, type Screen } from "../screen";
import type { Language } from "../../language/choose";
import type { KioskStrings } from "../../strings/kiosk";
import { Lens } from "./lens";
import { Message } from "./message";
import { Product } from "./product";

/** When everything is away, a longer list helps nobody; the gravest come first. */
const MOST_REASONS = 3;

interface Props {
  screen: Screen;
  language: Language<KioskStrings>;
  preview: boolean;
  onTouch(label: Label, card: ProductCard): void;
}

export function App({ screen, language, preview, onTouch }: Props) {
  const { strings } = language;
  const scene = sceneOf(screen);
  const label = scene.kind === "product" ? scene.label.name : "";
  // Nothing to see while the camera or the server is away: no use in asking.
  const watching = screen.connected && screen.last !== null && !seesNothing(screen.last);
  return (
    <main id="mirror" data-state={stateName(screen)} data-scene={scene.kind} data-label={label} data-cards={cardsOf(scene).length}>
      {/* Stays in place while its words change: only then does a screen reader say them. */}
      <p class="spoken" role="status" aria-live="polite">
        {label && strings.spoken(label)}
      </p>
      <div class="stage">
        <Lens description={strings.preview} preview={preview} watching={watching} />
        <SceneView key={sceneKey(scene)} scene={scene} screen={screen} language={language} onTouch={onTouch} />
      </div>
      {!screen.connected && (
        <p class="link" role="status">
          {screen.last ? strings.reconnecting : strings.connecting}
        </p>
      )}
    </main>
  );
}

interface SceneProps {
  scene: Scene;
  screen: Screen;
  language: Language<KioskStrings>;
  onTouch(label: Label, card: ProductCard): void;
}

function SceneView({ scene, screen, language, onTouch }: SceneProps) {
  const { strings } = language;
  switch (scene.kind) {
    case "blank":
      return null;
    case "idle":
      return <Message title={strings.idle} lines={[strings.idleHint]} />;
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
