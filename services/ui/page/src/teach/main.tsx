import { render } from "preact";
import { App } from "./app";
import "../styles/base.css";
import "./styles/page.css";
import "./styles/bars.css";
import "./styles/controls.css";
import "./styles/sheets.css";
import "./styles/gate.css";
import "./styles/live.css";
import "./styles/capture.css";
import "./styles/labels.css";
import "./styles/quality.css";
import "./styles/pictures.css";
import "./styles/more.css";

render(<App />, document.body);
