// The kiosk's browser and what a test asks of its page.

import { chromium } from "playwright-core";
import { eventually } from "./eventually.mjs";
import { chromium as executablePath } from "./places.mjs";

export const PORTRAIT = { width: 1080, height: 1920 };
/** The screens that mirrors have. */
export const GLASSES = [PORTRAIT, { width: 1920, height: 1080 }, { width: 800, height: 480 }];

/** WebGL, drawn by the CPU. */
const SOFTWARE_GPU = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

/**
 * A browser of its own: Playwright gives each launch a fresh profile.
 * @param {{ webgl?: boolean }} options
 */
export function launchBrowser({ webgl = false } = {}) {
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      ...(webgl ? SOFTWARE_GPU : ["--disable-gpu"]),
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** @typedef {{ id: string, name: string, price: string, pictured: boolean }} ShownCard */
/** @typedef {{ state: string, scene: string, label: string, cards: number, dim: boolean, story: string, language: string, shown: ShownCard[], text: string }} Look */

/** A page in a window of its own, and what it did. */
export class Visit {
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
    /** Of the page itself. @type {Record<string, string>} */
    this.headers = {};
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
   * @template {typeof Visit} T
   * @this {T}
   * @param {import("playwright-core").Browser} browser
   * @param {string} url
   * @param {import("playwright-core").BrowserContextOptions} options
   * @returns {Promise<InstanceType<T>>}
   */
  static async open(browser, url, options = {}) {
    const context = await browser.newContext({ viewport: PORTRAIT, locale: "en-US", ...options });
    const visit = /** @type {InstanceType<T>} */ (new this(context, await context.newPage()));
    const response = await visit.page.goto(url);
    if (!response?.ok()) throw new Error(`${url} answered ${response?.status()}`);
    visit.headers = await response.allHeaders();
    return visit;
  }
}

export class Kiosk extends Visit {
  /**
   * What the page shows at this moment, read in one go.
   * @returns {Promise<Look>}
   */
  look() {
    return this.page.evaluate(() => {
      const mirror = /** @type {HTMLElement} */ (document.querySelector("#mirror"));
      const { state = "", scene = "", label = "", cards, dim, story = "" } = mirror.dataset;
      const shown = [...mirror.querySelectorAll("li.card")].map((card) => {
        const picture = card.querySelector("img");
        const words = (/** @type {string} */ part) => card.querySelector(part)?.textContent?.replaceAll(/\s/gu, " ") ?? "";
        return {
          id: /** @type {HTMLElement} */ (card).dataset.productId ?? "",
          name: words(".card-name"),
          price: words(".card-price"),
          pictured: picture !== null && picture.complete && picture.naturalWidth > 0,
        };
      });
      const language = document.documentElement.lang;
      const text = mirror.innerText;
      return { state, scene, label, cards: Number(cards), dim: dim === "true", story, language, shown, text };
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
    return this.sees("a recognised product with its cards", showsProduct, within);
  }
}

/** @param {Look} look */
export const showsProduct = (look) =>
  look.state === "recognised" && look.cards > 0 && look.shown.every((card) => card.pictured);
