import { render } from "preact";
import { connect } from "../server/connection";
import { parseMirror, type Label, type ProductCard } from "./contract";
import { Darkness } from "./darkness";
import { click, Impressions, type Interaction } from "./feedback";
import { send } from "./interactions";
import { readOptions } from "./options";
import { whenPainted } from "./painted";
import { Patience } from "./patience";
import { reloadWhenServed } from "../server/reload";
import { whileVisible } from "../server/visible";
import { isAtRest, OVERDUE_MS, reduce, sceneOf, staleKey, START, type Happening } from "./screen";
import { chooseLanguage } from "../language/choose";
import { readSettings } from "../server/settings";
import { deKiosk } from "../strings/de/kiosk";
import { enKiosk } from "../strings/en/kiosk";
import "../styles/base.css";
import "./styles/kiosk.css";
import "./styles/lens.css";
import "./styles/scenes.css";
import "./styles/evidence.css";
import "./styles/cards.css";
import "./styles/lying-cards.css";
import "./styles/codes.css";
import "./styles/story.css";
import "./styles/dark.css";
import { App } from "./view/app";

const settings = readSettings();
const options = readOptions(location.search, settings);
const language = chooseLanguage(location.search, [settings.language, ...navigator.languages], { en: enKiosk, de: deKiosk });
document.documentElement.lang = language.code;
document.title = language.strings.title;

let screen = START;
const impressions = new Impressions();
const patience = new Patience(OVERDUE_MS, () => happen({ kind: "overdue" }));
const darkness = new Darkness(options.dimAfterMs, draw);

const tell = (interaction: Interaction | null) => interaction && send(interaction);
const painted = whenPainted(() => tell(impressions.seen()));
const touched = (label: Label, card: ProductCard) => tell(click(label, card));

// In one go: the document never holds two scenes, and the next paint shows the new one.
function draw() {
  render(<App screen={screen} dark={darkness.dark} language={language} options={options} onTouch={touched} />, document.body);
  impressions.drawn(sceneOf(screen));
  painted();
}

function happen(happening: Happening) {
  screen = reduce(screen, happening);
  patience.watch(staleKey(screen));
  darkness.rests(isAtRest(screen));
  draw();
}

for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => darkness.stirred(), { passive: true });

darkness.rests(isAtRest(screen));
draw();
// What was there stays as it was while nobody can see it: the stream begins with the state of now.
whileVisible(() =>
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
  }),
);
