// The page: what triggers recommendations on the left, what is recommended beside it, what came back below.

import { byId, count, make, picture } from "./dom.js";
import { edit, follow, isDirty, opened } from "./editor.js";
import { renderFaults } from "./faults.js";
import { pick } from "./picker.js";
import { leadingName, onState, product, productOrId, scenarioName, state, watch } from "./server.js";

/** The scenario whose triggers are listed. */
let scenarioId = "";
/** What was rendered last, by part: what didn't change keeps the keyboard. */
const shown = {};

function changed(part, ...values) {
  const now = JSON.stringify(values);
  if (shown[part] === now) return false;
  shown[part] = now;
  return true;
}

function scenario() {
  return state.scenarios.find(({ id }) => id === scenarioId);
}

/** The scenarios, those with most triggers first. */
function ordered() {
  return state.scenarios.toSorted((one, other) => other.rows.length - one.rows.length);
}

/** Leaving a draft is asked for. */
function go(scenario, leading) {
  if (isDirty() && !confirm("Throw away what isn’t saved?")) return;
  scenarioId = scenario;
  edit(scenario, leading);
  render();
}

/** The first product that triggers something, or the fallback list. */
function firstOf(scenario) {
  return scenario.rows[0]?.leading_id ?? "";
}

function renderTriggers() {
  const { leading } = opened();
  if (!changed("triggers", state.scenarios, state.products, scenarioId, leading)) return;
  byId("slots").replaceChildren(
    ...ordered().map((scenario) => {
      const pressed = String(scenario.id === scenarioId);
      const button = make("button", { type: "button", "aria-pressed": pressed, title: scenario.id }, scenarioName(scenario));
      button.addEventListener("click", () => go(scenario.id, firstOf(scenario)));
      return button;
    }),
  );
  const { rows, fallback } = scenario();
  const entries = rows.map(({ leading_id, results }) => [leading_id, results.length]);
  if (leading !== "" && !rows.some((row) => row.leading_id === leading)) entries.push([leading, 0]);
  entries.push(["", fallback.length]);
  const focused = document.activeElement?.dataset.leading;
  byId("triggers").replaceChildren(...entries.map(([id, results]) => make("li", {}, trigger(id, results, leading))));
  if (focused !== undefined) {
    const buttons = [...byId("triggers").querySelectorAll("button")];
    buttons.find((button) => button.dataset.leading === focused)?.focus();
  }
}

function trigger(id, results, leading) {
  const shown = id === "" ? undefined : productOrId(id);
  const button = make(
    "button",
    { type: "button", className: "trigger", "aria-current": String(id === leading), "data-leading": id },
    picture(shown),
    make(
      "span",
      {},
      make("span", { className: "name" }, leadingName(scenario(), id)),
      make("span", { className: "quiet" }, count(results, "recommendation")),
    ),
  );
  button.addEventListener("click", () => go(scenarioId, id));
  return button;
}

function renderFeedback() {
  if (!changed("feedback", state.scenarios)) return;
  byId("feedback").replaceChildren(
    ...ordered().map((scenario) => {
      const { shown, items, clicks } = scenario.feedback;
      const cells = [shown, items, clicks].map((number) => make("td", {}, number.toLocaleString("en-GB")));
      return make("tr", {}, make("th", { scope: "row" }, scenarioName(scenario)), ...cells);
    }),
  );
}

function renderLog() {
  if (!changed("log", state.edits, state.products)) return;
  const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
  const entries = state.edits.map((edit) => {
    const names = edit.results.map((id) => product(id)?.name ?? id).join(", ") || "nothing";
    const where = leadingName(state.scenarios.find(({ id }) => id === edit.scenario), edit.leading_id);
    return make(
      "li",
      {},
      make("p", {}, make("strong", {}, edit.who), ` changed “${where}”: ${names}`),
      make("p", { className: "quiet" }, `${time.format(edit.at_ms)} · ${edit.scenario}, version ${edit.version}`),
    );
  });
  const none = make("li", { className: "quiet" }, "No edits since the simulator started.");
  byId("log").replaceChildren(...(entries.length > 0 ? entries : [none]));
}

function renderPulse() {
  const seconds = state.seconds_since_request;
  const asked = seconds === null ? "no mirror has asked yet" : `a mirror asked ${ago(seconds)}`;
  byId("pulse").textContent = `Mirrors see an edit within ${count(state.expiry_seconds, "second")} · ${asked}`;
}

function ago(seconds) {
  if (seconds < 5) return "just now";
  if (seconds < 120) return `${seconds} seconds ago`;
  return `${Math.round(seconds / 60)} minutes ago`;
}

function render() {
  renderTriggers();
  renderFeedback();
  renderLog();
  renderPulse();
  renderFaults();
}

onState((answers) => {
  byId("away").hidden = answers;
  if (!answers || state.scenarios.length === 0) return;
  // At the start, and when the simulator has started again with others.
  if (scenario() === undefined) {
    const [first] = ordered();
    scenarioId = first.id;
    edit(first.id, firstOf(first));
  } else {
    follow();
  }
  render();
});

byId("add-trigger").addEventListener("click", () => {
  const listed = scenario()?.rows.map(({ leading_id }) => leading_id) ?? [];
  pick("Recommend something with…", listed, (id) => {
    go(scenarioId, id);
    byId("editor-title").focus();
  });
});

addEventListener("beforeunload", (event) => {
  if (opened() !== null && isDirty()) event.preventDefault();
});

watch();
