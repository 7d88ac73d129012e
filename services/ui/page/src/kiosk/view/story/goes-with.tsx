import { formatPrice } from "../../../language/format";
import type { ProductCard } from "../../contract";
import { Picture, usePicture } from "../picture";

/** What would be recommended, in small. */
export function GoesWith({ cards, locale }: { cards: ProductCard[]; locale: string }) {
  return (
    <ul class="story-cards" data-count={cards.length}>
      {cards.map((card) => (
        <SmallCard key={card.productId || card.name} card={card} locale={locale} />
      ))}
    </ul>
  );
}

function SmallCard({ card, locale }: { card: ProductCard; locale: string }) {
  const picture = usePicture(card.imageUrl);
  return (
    <li class="story-card" data-picture={picture.state}>
      <Picture {...picture} />
      <span class="story-card-name">{card.name}</span>
      <span class="story-card-price">{formatPrice(card.price, card.currency, locale)}</span>
    </li>
  );
}
