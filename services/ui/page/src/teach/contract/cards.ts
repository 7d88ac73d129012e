// What shoppers are shown with a label.

import { isObject, list, text } from "../../server/json";

export interface Card {
  productId: string;
  name: string;
  imageUrl: string;
  price: string;
  currency: string;
}

export interface Cards {
  items: Card[];
  stale: boolean;
}

export function parseCards(value: unknown): Cards {
  const cards = isObject(value) ? value : {};
  const items = list(cards.items).map((item) => ({
    productId: text(item.product_id),
    name: text(item.name),
    imageUrl: text(item.image_url),
    price: text(item.price),
    currency: text(item.currency),
  }));
  return { items: items.filter(({ name }) => name !== ""), stale: cards.freshness === "STALE" };
}
