import { render } from "preact";
import { chooseLanguage } from "../language/choose";
import { readSettings } from "../server/settings";
import { deSpace } from "../strings/de/space";
import { enSpace } from "../strings/en/space";
import "../styles/base.css";
import "./page.css";
import { Page } from "./page";

const { language: preferred } = readSettings();
const language = chooseLanguage(location.search, [preferred, ...navigator.languages], { en: enSpace, de: deSpace });
const asked = new URLSearchParams(location.search);
document.documentElement.lang = language.code;
document.title = language.strings.title;

// A language that was asked for is kept on the way back; one that wasn't is found again.
const back = asked.has("lang") ? `/?lang=${language.code}` : "/";
render(<Page language={language} still={asked.has("still")} back={back} />, document.body);
