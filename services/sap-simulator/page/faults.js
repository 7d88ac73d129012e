// The switches for what goes wrong.

import { byId, count, make } from "./dom.js";
import { send, state } from "./server.js";

const form = byId("faults-form");
const status = make("p", { className: "quiet", role: "status" });

const SERVICES = {
  runtime: "Recommendations",
  product_master: "Product details",
  cache: "Recommendation cache",
  occ: "Shop (OCC)",
  emarsys: "Emarsys",
  media: "Pictures",
};
const STATUSES = {
  401: "401 Unauthorised",
  403: "403 Forbidden",
  429: "429 Too many requests",
  500: "500 Internal error",
  502: "502 Bad gateway",
  503: "503 Unavailable",
  504: "504 Gateway timeout",
};
const BODIES = {
  malformed: "JSON that breaks off",
  empty: "No bytes",
  empty_list: "Empty lists",
  html: "A page to log on",
  xml_error: "500 with an XML error",
  endless: "Never ends",
  deep: "100 000 nested arrays",
  huge: "100 MB of text",
  bare: "No “results” around lists",
  numbers_as_numbers: "Decimals as numbers",
  iso_dates: "ISO 8601 dates",
  plain_dates: "Dates without offset",
  no_expiry: "No expiry",
  html_names: "Markup in names",
  duplicate_items: "Everything twice",
  foreign_scenario: "Another scenario’s results",
};
const GZIP = { normal: "As usual", never: "Never", always: "Always", bomb: "Inflates to 1 GB" };
const PICTURES = {
  svg: "SVG with a script",
  huge_file: "100 MB",
  bomb: "50 000 × 50 000 pixels",
  broken: "Cut off",
  wrong_type: "HTML called PNG",
  gone: "Gone (404)",
  redirect: "Moved elsewhere",
};

/** How many faults are on. */
export function on() {
  const { faults } = state;
  if (faults.remaining === 0) return 0;
  const yes = ["status", "csrf_rejected", "unknown_service", "hang", "drop", "body", "redirect", "picture"];
  const simple = yes.filter((name) => faults[name] !== null && faults[name] !== false).length;
  return simple + Number(faults.latency_ms > 0) + Number(faults.gzip !== "normal");
}

function field(label, input) {
  const kind = input.type === "checkbox" ? "field check" : "field";
  const parts = input.type === "checkbox" ? [input, label] : [label, input];
  return make("label", { className: kind }, ...parts);
}

const check = (name, label) => field(label, make("input", { type: "checkbox", name }));
const number = (name, label, most) =>
  field(label, make("input", { type: "number", name, min: 0, max: most, placeholder: "–" }));
const text = (name, label) => field(label, make("input", { type: "text", name, placeholder: "http://…" }));
function choice(name, label, options, none) {
  const select = make("select", { name });
  if (none) select.append(make("option", { value: "" }, none));
  for (const [value, words] of Object.entries(options)) select.append(make("option", { value }, words));
  return field(label, select);
}

function group(title, ...fields) {
  return make("fieldset", {}, make("legend", {}, title), ...fields);
}

function button(label, kind, then) {
  const button = make("button", { type: kind === "primary" ? "submit" : "button", className: `button ${kind}` }, label);
  if (then) button.addEventListener("click", then);
  return button;
}

function build() {
  const services = Object.entries(SERVICES).map(([name, label]) => check(`only.${name}`, label));
  form.append(
    group("Where (none ticked: everywhere)", ...services, number("remaining", "Requests, then off", 1000000)),
    group(
      "Answers",
      choice("status", "Status", STATUSES, "–"),
      number("retry_after_s", "Retry after (s)", 86400),
      number("latency_ms", "Delay (ms)", 600000),
      text("redirect", "Moved to"),
      check("csrf_rejected", "Every token is refused"),
      check("unknown_service", "The service is unknown"),
    ),
    group(
      "Connections and bodies",
      choice("body", "Body", BODIES, "–"),
      choice("gzip", "Compression", GZIP),
      check("hang", "No answer ever comes"),
      check("drop", "Breaks off in the middle"),
    ),
    group(
      "Pictures",
      choice("picture", "Pictures", PICTURES, "–"),
      text("picture_redirect", "Moved to"),
    ),
    make(
      "div",
      { className: "actions" },
      button("Switch on", "primary"),
      button("All off", "", () => apply({}, "All faults are off.")),
      button("End all sessions", "", () => change("POST", "sessions/expire", {}, "All sessions are over.")),
      status,
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply(read(), "Switched.");
  });
}

const whole = (value) => (value === "" ? null : Number(value));

function read() {
  const value = (name) => form.elements[name].value.trim();
  const picture = value("picture") || null;
  return {
    only: Object.keys(SERVICES).filter((name) => form.elements[`only.${name}`].checked),
    remaining: whole(value("remaining")),
    latency_ms: Number(value("latency_ms")),
    status: whole(value("status")),
    retry_after_s: whole(value("retry_after_s")),
    csrf_rejected: form.elements.csrf_rejected.checked,
    unknown_service: form.elements.unknown_service.checked,
    hang: form.elements.hang.checked,
    drop: form.elements.drop.checked,
    body: value("body") || null,
    gzip: value("gzip"),
    redirect: value("redirect") || null,
    picture: picture === "redirect" ? { redirect: value("picture_redirect") } : picture,
  };
}

function fill(faults) {
  const { only, picture, ...rest } = faults;
  for (const name of Object.keys(SERVICES)) form.elements[`only.${name}`].checked = only.includes(name);
  for (const [name, value] of Object.entries(rest)) {
    const input = form.elements[name];
    if (input.type === "checkbox") input.checked = value;
    else input.value = value === 0 && name === "latency_ms" ? "" : (value ?? "");
  }
  form.elements.picture.value = picture?.redirect === undefined ? (picture ?? "") : "redirect";
  form.elements.picture_redirect.value = picture?.redirect ?? "";
}

async function change(method, path, body, done) {
  try {
    await send(method, path, body);
    status.textContent = done;
  } catch (error) {
    status.textContent = error.message;
  }
}

async function apply(faults, done) {
  await change("PUT", "faults", faults, done);
  fill(state.faults);
}

export function renderFaults() {
  const number = on();
  const { remaining } = state.faults;
  const rest = number > 0 && remaining !== null ? `, for ${count(remaining, "more request")}` : "";
  byId("faults-summary").textContent = number === 0 ? "– all off" : `– ${number} on${rest}`;
  const chip = byId("faults-chip");
  chip.hidden = number === 0;
  chip.textContent = `${count(number, "fault")} on`;
  // Not while somebody is filling it in.
  if (!byId("faults").open) fill(state.faults);
}

build();
byId("faults-chip").addEventListener("click", () => {
  byId("faults").open = true;
  byId("faults").scrollIntoView({ block: "start" });
});
