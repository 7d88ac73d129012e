import { render } from "preact";
import { connect } from "./connection";
import type { Label, ProductCard } from "./contract";
import { click, Impressions, type Interaction } from "./feedback";
import { send } from "./interactions";
import { whenPainted } from "./painted";
import { Patience } from "./patience";
import { reloadWhenServed } from "./reload";
import { fades, OVERDUE_MS, reduce, sceneOf, staleKey, START, type Happening } from "./screen";
import { chooseLanguage } from "./strings";
import "./styles/base.css";
import "./styles/lens.css";
import "./styles/scenes.css";
import "./styles/cards.css";
import "./styles/lying-cards.css";
import { show } from "./transition";
import { App } from "./view/app";

const language = chooseLanguage(location.search, navigator.languages);
const preview = new URLSearchParams(location.search).get("preview") !== "off";
document.documentElement.lang = language.code;
document.title = language.strings.title;

let screen = START;
const impressions = new Impressions();
const patience = new Patience(OVERDUE_MS, () => happen({ kind: "overdue" }));

const tell = (interaction: Interaction | null) => interaction && send(interaction);
const painted = whenPainted(() => tell(impressions.seen()));
const touched = (label: Label, card: ProductCard) => tell(click(label, card));

// Always draws the newest screen: a fade draws a moment later, when a newer state may be there already.
function draw() {
  render(<App screen={screen} language={language} preview={preview} onTouch={touched} />, document.body);
  impressions.drawn(sceneOf(screen));
  painted();
}

function happen(happening: Happening) {
  const before = sceneOf(screen);
  screen = reduce(screen, happening);
  patience.watch(staleKey(screen));
  show(draw, fades(before, sceneOf(screen)));
}

draw();
connect(`/events?lang=${language.code}`, {
  mirror: (event) => happen({ kind: "mirror", event }),
  lost: () => happen({ kind: "lost" }),
  rebooted: () => void reloadWhenServed(),
});
