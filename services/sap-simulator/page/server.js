// What the page asks the simulator for, and the newest of what it said.

const EVERY_MS = 2000;

/** The newest state, as /simulator/api/state gives it. */
export let state = null;

const listeners = [];

/** Calls `listener` with whether the simulator answers, after every try. */
export function onState(listener) {
  listeners.push(listener);
}

/** Asks for the state now. */
export async function refresh() {
  let answers = false;
  try {
    const answer = await fetch("/simulator/api/state", { signal: AbortSignal.timeout(5000) });
    if (answer.ok) {
      state = await answer.json();
      answers = true;
    }
  } catch {
    // It may be starting again: the next try will tell.
  }
  for (const listener of listeners) listener(answers);
}

/** Asks for the state for ever. */
export async function watch() {
  for (;;) {
    if (!document.hidden) await refresh();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/**
 * Sends a change and asks for the state after it. Returns what was answered.
 * @throws {Error} in words for people, when it was not taken
 */
export async function send(method, path, body) {
  let answer;
  try {
    answer = await fetch(`/simulator/api/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The simulator doesn’t answer");
  }
  const text = await answer.text();
  if (!answer.ok) {
    let words = `The simulator answers ${answer.status}`;
    try {
      words = JSON.parse(text).error ?? words;
    } catch {
      // No words of its own.
    }
    throw new Error(words);
  }
  await refresh();
  return text === "" ? null : JSON.parse(text);
}

export function product(id) {
  return state.products.find((product) => product.id === id);
}

/** The product, or what can be said of one that isn't known. */
export function productOrId(id) {
  return product(id) ?? { id, name: id, picture: "", price: "", currency: "" };
}

/** "Smart mirror, top sellers" among its like is "Top sellers". */
export function scenarioName({ id, description }) {
  const name = description.replace(/^Smart mirror, /, "") || id;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What triggers a list: a product, any other one, or nothing at all. */
export function leadingName(scenario, leading) {
  if (leading !== "") return productOrId(leading).name;
  return scenario.rows.length > 0 ? "Any other product" : scenarioName(scenario);
}
