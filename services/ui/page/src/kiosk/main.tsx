import { render } from "preact";
import { connect } from "../server/connection";
import { parseMirror, type Label, type ProductCard } from "./contract";
import { click, Impressions, type Interaction } from "./feedback";
import { send } from "./interactions";
import { whenPainted } from "./painted";
import { Patience } from "./patience";
import { reloadWhenServed } from "../server/reload";
import { fades, OVERDUE_MS, reduce, sceneOf, staleKey, START, type Happening } from "./screen";
import { chooseLanguage } from "../language/choose";
import { readSettings } from "../server/settings";
import { deKiosk } from "../strings/de/kiosk";
import { enKiosk } from "../strings/en/kiosk";
import "../styles/base.css";
import "./styles/kiosk.css";
import "./styles/lens.css";
import "./styles/scenes.css";
import "./styles/cards.css";
import "./styles/lying-cards.css";
import { show } from "./transition";
import { App } from "./view/app";

const settings = readSettings();
const language = chooseLanguage(location.search, [settings.language, ...navigator.languages], { en: enKiosk, de: deKiosk });
const asked = new URLSearchParams(location.search).get("preview");
const preview = asked === null ? settings.preview : asked !== "off";
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
  events: {
    mirror(data) {
      const event = parseMirror(data);
      if (event) happen({ kind: "mirror", event });
      return event !== null;
    },
  },
  lost: () => happen({ kind: "lost" }),
  rebooted: () => void reloadWhenServed(),
});
