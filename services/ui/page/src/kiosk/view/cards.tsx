import { useRef } from "preact/hooks";
import type { ProductCard } from "../contract";
import { cardsKey } from "../screen";
import type { Language } from "../../language/choose";
import type { KioskStrings } from "../../strings/kiosk";
import { Card } from "./card";

interface Props {
  cards: ProductCard[];
  language: Language<KioskStrings>;
  onTouch(card: ProductCard): void;
}

/** The product cards, best first. */
export function Cards({ cards, language, onTouch }: Props) {
  // Only the first cards rise into place: what replaces them is part of a cross-fade.
  const first = useRef(cardsKey(cards));
  const settled = useRef(false);
  settled.current ||= cardsKey(cards) !== first.current;
  return (
    <ul class="cards" data-count={cards.length} data-settled={settled.current} aria-label={language.strings.cards}>
      {cards.map((card) => (
        <Card key={card.productId || card.name} card={card} locale={language.locale} onTouch={() => onTouch(card)} />
      ))}
    </ul>
  );
}
