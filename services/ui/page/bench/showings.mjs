// Takes the times, inside the kiosk page, at which a recognised product and its cards come up.

import { eventually } from "../e2e/eventually.mjs";

const WITHIN = 30_000;

/**
 * A product that came up; milliseconds on the page's clock, `recognised` on the recommender's.
 * @typedef {object} Showing
 * @property {string} label
 * @property {number} recognised
 * @property {number} told the event with the label arrived
 * @property {number} shown the label stood in the document
 * @property {number} painted the frame with it was painted
 * @property {Cards | null} cards
 * @typedef {object} Cards
 * @property {number} told the first event with cards arrived
 * @property {number} shown all of them stood in the document
 * @property {number} painted
 * @property {number} pictured the last of their pictures was there; NaN: not for as long as they were
 */

/**
 * What the page notes.
 * @typedef {{ at: number, data: string }} Told
 * @typedef {{ at: number, painted: number | null, label: string, cards: number }} Drawn
 * @typedef {{ told: Told[], drawn: Drawn[], pictured: number[] }} Notes
 */

/** Runs in the page before its own script, so it can use nothing from out here. */
function watch() {
  /** @type {Notes} */
  const notes = { told: [], drawn: [], pictured: [] };
  const note = (/** @type {any} */ { data }) => notes.told.push({ at: performance.now(), data });
  const listen = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (/** @type {string} */ type, /** @type {any[]} */ ...rest) {
    // Before the page's own listener: the arrival is what counts.
    if (type === "mirror") listen.call(this, type, note);
    listen.call(this, type, .../** @type {[any]} */ (rest));
  };

  // A task that a frame's callback posts is run after that frame's paint.
  const { port1, port2 } = new MessageChannel();
  /** @type {Drawn[]} */
  const unpainted = [];
  port1.onmessage = () => {
    const drawn = unpainted.shift();
    if (drawn) drawn.painted = performance.now();
  };
  const changed = () => {
    const at = performance.now();
    const label = /** @type {HTMLElement | null} */ (document.querySelector("#mirror"))?.dataset.label ?? "";
    const cards = document.querySelectorAll("li.card").length;
    const drawn = { at, painted: null, label, cards };
    notes.drawn.push(drawn);
    unpainted.push(drawn);
    requestAnimationFrame(() => port2.postMessage(null));
  };
  // Preact draws in one go, and this is told after it.
  const attributeFilter = ["data-label", "data-cards"];
  new MutationObserver(changed).observe(document, { subtree: true, attributes: true, attributeFilter });
  const loaded = () => {
    const pictures = [.../** @type {NodeListOf<HTMLImageElement>} */ (document.querySelectorAll("li.card img"))];
    if (pictures.every((picture) => picture.complete && picture.naturalWidth > 0)) notes.pictured.push(performance.now());
  };
  document.addEventListener("load", loaded, { capture: true });
  Object.assign(window, { notes });
}

/**
 * Has the page take notes from its next load on.
 * @param {import("playwright-core").Page} page
 */
export async function takeNotes(page) {
  await page.addInitScript(watch);
  await page.reload();
}

/**
 * The next showing, when it is over. One that was there at the first look doesn't count.
 * @param {import("playwright-core").Page} page
 * @returns {Promise<Showing>}
 */
export async function nextShowing(page) {
  for (;;) {
    const found = await eventually("a product comes up and goes", () => page.evaluate(takeWhenOver), WITHIN);
    const showing = showingOf(found);
    if (showing) return showing;
  }
}

/**
 * Whatever has come up so far doesn't count.
 * @param {import("playwright-core").Page} page
 */
export async function forgetNotes(page) {
  await page.evaluate(() => {
    /** @type {Notes} */
    const notes = /** @type {any} */ (window).notes;
    Object.assign(notes, { told: [], drawn: notes.drawn.slice(-1), pictured: [] });
  });
}

/** Runs in the page. */
function takeWhenOver() {
  /** @type {Notes} */
  const notes = /** @type {any} */ (window).notes;
  const last = notes.drawn.at(-1);
  if (!last || last.label !== "" || last.painted === null || notes.drawn.length < 2) return null;
  const taken = { ...notes, origin: performance.timeOrigin };
  Object.assign(notes, { told: [], drawn: [last], pictured: [] });
  return taken;
}

/**
 * @param {Notes & { origin: number }} notes
 * @returns {Showing | null}
 */
function showingOf({ told, drawn, pictured, origin }) {
  const start = drawn.findIndex(({ label }) => label !== "");
  // The page was opened into it, or it was interrupted.
  if (start < 1 || drawn[start - 1].label !== "") return null;
  const { label, at: shown, painted } = drawn[start];
  const end = drawn.findIndex((draw, index) => index > start && draw.label !== label);
  const until = drawn[end].at;
  const mine = told
    .map(({ at, data }) => ({ at, event: JSON.parse(data) }))
    .filter(({ at, event }) => at < until && event.recognition?.label_name === label);
  const withCards = drawn.slice(start, end).find(({ cards }) => cards > 0);
  const cardsTold = mine.find(({ event }) => event.recommendations?.items.length > 0);
  if (mine.length === 0 || painted === null) return null;
  const cards =
    withCards && cardsTold && withCards.painted !== null
      ? {
          told: cardsTold.at,
          shown: withCards.at,
          painted: withCards.painted,
          pictured: pictured.find((at) => at > withCards.at && at < until) ?? NaN,
        }
      : null;
  return { label, recognised: milliseconds(mine[0].event.at) - origin, told: mine[0].at, shown, painted, cards };
}

/** Date.parse drops what is finer than a millisecond. @param {string} time */
function milliseconds(time) {
  const [, second, fraction = ""] = /^([^.Z]+)(\.\d+)?Z$/.exec(time) ?? [];
  return Date.parse(`${second}Z`) + Number(`0${fraction}`) * 1000;
}
