// What the demo's files say should be seen.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { demo } from "./places.mjs";

/** @param {string} file */
const read = (file) => JSON.parse(readFileSync(join(demo, file), "utf8"));

/** @type {{ slug: string, name: string, kind: "PRODUCT" | "BACKGROUND", product_id: string }[]} */
export const labels = read("teach/labels.json");
export const products = labels.filter((label) => label.kind === "PRODUCT");
export const [background] = labels.filter((label) => label.kind === "BACKGROUND");
/** @type {number} */
export const sceneCount = read("scenes.json").length;

const catalogue = read("catalogue/catalogue.json");

/**
 * A label's cards, in their order.
 * @param {string} labelName
 * @param {"en" | "de"} language
 * @param {string} locale
 */
export function expectedCards(labelName, language, locale) {
  const label = products.find((product) => product.name === labelName);
  if (!label) throw new Error(`no product is called ${labelName}`);
  const price = new Intl.NumberFormat(locale, { style: "currency", currency: catalogue.currency });
  return catalogue.recommendations[label.product_id].map((/** @type {string} */ id) => {
    const product = catalogue.products.find((/** @type {{ product_id: string }} */ one) => one.product_id === id);
    // Which space stands before a currency sign differs between versions of ICU.
    return { id, name: product.name[language], price: price.format(product.price).replaceAll(/\s/gu, " ") };
  });
}
