import { useEffect, useState } from "preact/hooks";
import type { ProductCard } from "../contract";
import type { Language } from "../../language/choose";
import type { KioskStrings } from "../../strings/kiosk";
import { Card } from "./card";

/** Time enough to take a phone out and to scan. */
const OPEN_MS = 8_000;

interface Props {
  cards: ProductCard[];
  language: Language<KioskStrings>;
  onTouch(card: ProductCard): void;
}

/** The product cards, best first. */
export function Cards({ cards, language, onTouch }: Props) {
  /** Each touch is another one, so that touching the same card again begins its time anew. */
  const [touch, setTouch] = useState<{ key: string } | null>(null);
  useEffect(() => {
    if (!touch) return;
    const timer = setTimeout(() => setTouch(null), OPEN_MS);
    return () => clearTimeout(timer);
  }, [touch]);
  return (
    <ul class="cards" data-count={cards.length} aria-label={language.strings.cards}>
      {cards.map((card) => {
        const key = card.productId || card.name;
        const touched = () => {
          setTouch({ key });
          onTouch(card);
        };
        return <Card key={key} card={card} language={language} open={touch?.key === key} onTouch={touched} />;
      })}
    </ul>
  );
}
