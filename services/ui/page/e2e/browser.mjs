// The kiosk's browser and what a test asks of its page.

import { chromium } from "playwright-core";
import { eventually } from "./eventually.mjs";
import { chromium as executablePath } from "./places.mjs";

export const PORTRAIT = { width: 1080, height: 1920 };

/** A browser of its own: Playwright gives each launch a fresh profile. */
export function launchBrowser() {
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** @typedef {{ id: string, name: string, price: string, pictured: boolean }} ShownCard */
/** @typedef {{ state: string, scene: string, label: string, cards: number, language: string, shown: ShownCard[], text: string }} Look */

export class Kiosk {
  /**
   * @param {import("playwright-core").BrowserContext} context
   * @param {import("playwright-core").Page} page
   */
  constructor(context, page) {
    this.context = context;
    this.page = page;
    /** Errors of the page's own code. @type {string[]} */
    this.errors = [];
    /** Errors the browser or the page wrote to the console. @type {string[]} */
    this.complaints = [];
    /** @type {Set<string>} */
    this.hosts = new Set();
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    context.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== "blob:" && protocol !== "data:") this.hosts.add(host);
    });
  }

  /**
   * @param {import("playwright-core").Browser} browser
   * @param {string} url
   */
  static async open(browser, url) {
    const context = await browser.newContext({ viewport: PORTRAIT, locale: "en-US" });
    const kiosk = new Kiosk(context, await context.newPage());
    const response = await kiosk.page.goto(url);
    if (!response?.ok()) throw new Error(`${url} answered ${response?.status()}`);
    kiosk.headers = await response.allHeaders();
    return kiosk;
  }

  /**
   * What the page shows at this moment, read in one go.
   * @returns {Promise<Look>}
   */
  look() {
    return this.page.evaluate(() => {
      const mirror = /** @type {HTMLElement} */ (document.querySelector("#mirror"));
      const { state = "", scene = "", label = "", cards } = mirror.dataset;
      const shown = [...mirror.querySelectorAll("li.card")].map((card) => {
        const picture = card.querySelector("img");
        const text = (/** @type {string} */ part) => card.querySelector(part)?.textContent?.replaceAll(/\s/gu, " ") ?? "";
        return {
          id: /** @type {HTMLElement} */ (card).dataset.productId ?? "",
          name: text(".card-name"),
          price: text(".card-price"),
          pictured: picture !== null && picture.complete && picture.naturalWidth > 0,
        };
      });
      const language = document.documentElement.lang;
      return { state, scene, label, cards: Number(cards), language, shown, text: mirror.innerText };
    });
  }

  /**
   * The first look that `wanted` says yes to.
   * @param {string} what
   * @param {(look: Look) => boolean} wanted
   * @param {number} within milliseconds
   */
  async sees(what, wanted, within) {
    /** @type {Look | undefined} */
    let last;
    try {
      return await eventually(
        what,
        async () => {
          last = await this.look();
          return wanted(last) && last;
        },
        within,
      );
    } catch (error) {
      throw new Error(`the page doesn't get there: ${what}; it shows ${JSON.stringify(last)}`, { cause: error });
    }
  }

  /** @param {number} within */
  seesProduct(within) {
    const wanted = (/** @type {Look} */ look) =>
      look.state === "recognised" && look.cards > 0 && look.shown.every((card) => card.pictured);
    return this.sees("a recognised product with its cards", wanted, within);
  }
}
