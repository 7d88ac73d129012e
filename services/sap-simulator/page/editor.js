// What is recommended with one product: shown as cards, changed as a draft, saved.

import { byId, count, fillPicture, make, picture, price } from "./dom.js";
import { pick } from "./picker.js";
import { leadingName, product, productOrId, send, state } from "./server.js";

const cards = byId("cards");
const message = byId("message");
const who = byId("who");

/** What is being edited: a scenario and the id of a product, empty for the fallback list. */
let open = null;
/** The list that the draft began with, and the draft: ids of products. */
let saved = [];
let draft = [];
let countdown = 0;

who.value = localStorage.getItem("who") ?? "";
who.addEventListener("input", () => {
  localStorage.setItem("who", who.value.trim());
  who.removeAttribute("aria-invalid");
});

export function isDirty() {
  return draft.join("\n") !== saved.join("\n");
}

export function opened() {
  return open;
}

/** Starts editing; a draft that is open is thrown away. */
export function edit(scenario, leading) {
  open = { scenario, leading };
  draft = saved = onServer();
  say("");
  render();
}

/** Takes over what others saved, unless there is a draft. */
export function follow() {
  const now = onServer();
  if (now.join("\n") !== saved.join("\n")) {
    if (isDirty()) return say("Somebody else has just saved another list for this. Saving replaces it.", "bad");
    draft = saved = now;
    render();
  }
  renderVersion();
}

function scenario() {
  return state.scenarios.find(({ id }) => id === open.scenario);
}

function onServer() {
  const { rows, fallback } = scenario();
  if (open.leading === "") return fallback;
  return rows.find((row) => row.leading_id === open.leading)?.results ?? [];
}

function render() {
  const leading = open.leading === "" ? undefined : productOrId(open.leading);
  fillPicture(byId("editor-picture"), leading);
  const always = open.leading === "" && scenario().rows.length === 0;
  byId("editor-lead").textContent = always
    ? "Whatever a customer holds, the mirror recommends"
    : "When a customer holds this, the mirror recommends";
  byId("editor-title").textContent = leadingName(scenario(), open.leading);
  const add = make("button", { type: "button", className: "card add" }, make("span", {}, "+"), "Add a product");
  add.addEventListener("click", () =>
    pick("Add a product", [...draft, open.leading], (id) => change([...draft, id], id, "remove")),
  );
  cards.replaceChildren(...draft.map(card), make("li", {}, add));
  const empty = byId("empty");
  empty.hidden = draft.length > 0;
  empty.textContent = "Nothing is recommended. Add a product to begin.";
  renderVersion();
  renderSave();
}

function renderVersion() {
  byId("version").textContent = `Version ${scenario().version}`;
}

function renderSave() {
  byId("save").disabled = byId("discard").disabled = !isDirty();
}

function card(id, rank) {
  const shown = productOrId(id);
  const tool = (action, sign, label, disabled, then) => {
    const button = make(
      "button",
      { type: "button", className: "icon-button", disabled, title: label, "aria-label": `${label}: ${shown.name}`, "data-action": action },
      sign,
    );
    button.addEventListener("click", then);
    return button;
  };
  const move = (by) => () => {
    const ids = draft.toSpliced(rank, 1);
    change(ids.toSpliced(rank + by, 0, id), id, by < 0 ? "earlier" : "later");
  };
  return make(
    "li",
    { className: "card", "data-id": id },
    picture(shown),
    make("span", { className: "rank", "aria-hidden": "true" }, String(rank + 1)),
    make("span", { className: "name" }, shown.name),
    make("span", { className: "quiet" }, product(id) ? price(shown) : "not among the products"),
    make(
      "span",
      { className: "tools" },
      tool("earlier", "←", "Move earlier", rank === 0, move(-1)),
      tool("later", "→", "Move later", rank === draft.length - 1, move(1)),
      tool("remove", "✕", "Remove", false, () => change(draft.toSpliced(rank, 1), draft[rank + 1] ?? draft[rank - 1], "remove")),
    ),
  );
}

/** Takes another draft; the keyboard stays at `action` of the card `id`. */
function change(ids, id, action) {
  draft = ids;
  render();
  say(isDirty() ? "Not saved yet." : "");
  const tools = [...cards.children].find((card) => card.dataset.id === id)?.querySelectorAll("button") ?? [];
  const wanted = [...tools].find((tool) => tool.dataset.action === action && !tool.disabled);
  const other = [...tools].find((tool) => !tool.disabled) ?? cards.querySelector(".add");
  (wanted ?? other).focus();
}

function say(text, kind = "") {
  clearInterval(countdown);
  message.textContent = text;
  message.className = kind;
}

async function save() {
  if (who.value.trim() === "") {
    who.setAttribute("aria-invalid", "true");
    who.focus();
    return say("Say who you are first, at the top of the page.", "bad");
  }
  const sent = draft;
  const body = { scenario: open.scenario, leading_id: open.leading, results: sent, who: who.value.trim() };
  try {
    saved = sent;
    const { version } = await send("PUT", "recommendations", body);
    render();
    announce(version);
  } catch (error) {
    saved = onServer();
    renderSave();
    say(error.message, "bad");
  }
}

/** Counts down to the moment at which no mirror may keep the old list any more. */
function announce(version) {
  const until = Date.now() + state.expiry_seconds * 1000;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    const soon = left > 0 ? `Mirrors see it within ${count(left, "second")}.` : "Mirrors see it now.";
    message.textContent = `Saved as version ${version}. ${soon}`;
    if (left <= 0) clearInterval(countdown);
  };
  say("", "good");
  tick();
  countdown = setInterval(tick, 1000);
}

byId("save").addEventListener("click", save);
byId("discard").addEventListener("click", () => edit(open.scenario, open.leading));
