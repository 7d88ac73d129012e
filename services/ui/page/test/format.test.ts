import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPercent, formatPrice, initial, labelSize, ownPicture } from "../src/language/format";

// Intl sets narrow and no-break spaces of its own.
const plain = (text: string) => text.replace(/\s/gu, " ");

test("prices are written as in the language", () => {
  assert.equal(formatPrice("29.90", "EUR", "en"), "€29.90");
  assert.equal(plain(formatPrice("1290", "EUR", "de")), "1.290,00 €");
  assert.equal(formatPrice("500", "JPY", "en"), "¥500");
});

test("a price that is none, or a currency that is none, still makes a line", () => {
  assert.equal(formatPrice("", "EUR", "en"), "");
  assert.equal(formatPrice("from 20", "EUR", "en"), "from 20");
  assert.equal(formatPrice("12.5", "", "en"), "12.50");
  assert.equal(formatPrice("12.5", "points", "en"), "12.50 points");
});

test("probabilities are percent and never certain", () => {
  assert.equal(formatPercent(0.9996, "en"), "99%");
  assert.equal(formatPercent(0.934, "en"), "93%");
  assert.equal(plain(formatPercent(0.934, "de")), "93 %");
});

test("the initial is the first letter or digit", () => {
  assert.equal(initial("„ölfarbe“"), "Ö");
  assert.equal(initial("!!!"), "•");
});

test("only product pictures of this server are shown", () => {
  const origin = "http://mirror:8080";
  assert.equal(ownPicture("/pictures/hat.webp?v=2", origin), "/pictures/hat.webp?v=2");
  assert.equal(ownPicture("https://shop.example/hat.webp", origin), null);
  assert.equal(ownPicture("//shop.example/pictures/hat.webp", origin), null);
  assert.equal(ownPicture("/events", origin), null);
  assert.equal(ownPicture("/pictures/../events", origin), null);
  assert.equal(ownPicture("javascript:alert(1)", origin), null);
  assert.equal(ownPicture("http://[", origin), null);
  assert.equal(ownPicture("", origin), null);
});

test("long labels are set smaller", () => {
  assert.equal(labelSize("Sunglasses"), "short");
  assert.equal(labelSize("Leather weekender bag"), "medium");
  assert.equal(labelSize("Polarised aviator sunglasses, tortoiseshell"), "long");
});
