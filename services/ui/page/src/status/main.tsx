import { render } from "preact";
import { chooseLanguage } from "../language/choose";
import { reloadWhenServed } from "../server/reload";
import { readSettings } from "../server/settings";
import { whileVisible } from "../server/visible";
import { deStatus } from "../strings/de/status";
import { enStatus } from "../strings/en/status";
import "../styles/base.css";
import "./styles/status.css";
import "./styles/headline.css";
import "./styles/panels.css";
import "./styles/live.css";
import { formatFor } from "./format";
import { Poll } from "./poll";
import { isAnother, reduce, START, type Happening } from "./screen";
import { App } from "./view/app";
import type { Voice } from "./voice";

const { code, locale, strings } = chooseLanguage(location.search, [readSettings().language, ...navigator.languages], {
  en: enStatus,
  de: deStatus,
});
// The address says no more than the language: the browser knows how it is written where it is.
const local = navigator.languages.find((tag) => tag.startsWith(`${code}-`));
const voice: Voice = { code, strings, format: formatFor(locale === code ? (local ?? code) : locale) };
document.documentElement.lang = code;
document.title = strings.title;

const asked = new URLSearchParams(location.search).has("lang");
const link = (path: string) => (asked ? `${path}?lang=${code}` : path);

let screen = START;

const poll = new Poll({
  report(report) {
    if (isAnother(screen.report, report)) void reloadWhenServed();
    happen({ kind: "report", report, now: Date.now() });
  },
  failed: () => happen({ kind: "failed" }),
});

function draw() {
  render(<App screen={screen} voice={voice} link={link} onLost={() => poll.soon()} />, document.body);
}

function happen(happening: Happening) {
  screen = reduce(screen, happening);
  draw();
}

draw();
whileVisible(() => poll.start());
