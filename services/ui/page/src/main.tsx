import { render } from "preact";
import { connect } from "./connection";
import { reloadWhenServed } from "./reload";
import { reduce, sceneKey, sceneOf, START, type Happening } from "./screen";
import { chooseLanguage } from "./strings";
import "./styles/base.css";
import "./styles/lens.css";
import "./styles/scenes.css";
import "./styles/cards.css";
import "./styles/lying-cards.css";
import { crossfade } from "./transition";
import { App } from "./view/app";

const language = chooseLanguage(location.search, navigator.languages);
const preview = new URLSearchParams(location.search).get("preview") !== "off";
document.documentElement.lang = language.code;
document.title = language.strings.title;

let screen = START;

// Always draws the newest screen: a fade runs its change a moment later, when a newer state may be there already.
const draw = () => render(<App screen={screen} language={language} preview={preview} />, document.body);

function happen(happening: Happening) {
  const before = sceneKey(sceneOf(screen));
  screen = reduce(screen, happening);
  if (sceneKey(sceneOf(screen)) === before) draw();
  else crossfade(draw);
}

draw();
connect(`/events?lang=${language.code}`, {
  mirror: (event) => happen({ kind: "mirror", event }),
  lost: () => happen({ kind: "lost" }),
  rebooted: () => void reloadWhenServed(),
});
