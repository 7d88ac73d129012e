import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseLanguage } from "../src/language/choose";

const choose = (search: string, ...preferred: string[]) => {
  const { code, locale } = chooseLanguage(search, preferred, { en: 0, de: 0 });
  return `${code} ${locale}`;
};

test("the address decides, then the browser, then English", () => {
  assert.equal(choose("?lang=de", "en-GB"), "de de");
  assert.equal(choose("", "fr", "de-CH", "en"), "de de-CH");
  assert.equal(choose("", "fr"), "en en");
  assert.equal(choose("?lang=xx", "de-AT"), "de de-AT");
  assert.equal(choose("", "", "de"), "de de");
});

test("odd tags do no harm", () => {
  assert.equal(choose("?lang=toString"), "en en");
  assert.equal(choose("?lang=de_AT"), "de de-AT");
  assert.equal(choose("?lang=de-!"), "de de");
});
