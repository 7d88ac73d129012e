import { useEffect, useState } from "preact/hooks";
import type { ProductCard } from "../contract";
import { formatPrice } from "../../language/format";
import { Picture } from "./picture";

/** How long a touched card stays lifted. Touches in that time are the same touch: nobody means to touch twice a second. */
const LIFTED_MS = 900;

interface Props {
  card: ProductCard;
  locale: string;
  onTouch(): void;
}

export function Card({ card, locale, onTouch }: Props) {
  const [lifted, setLifted] = useState(false);
  useEffect(() => {
    if (!lifted) return;
    const timer = setTimeout(() => setLifted(false), LIFTED_MS);
    return () => clearTimeout(timer);
  }, [lifted]);
  const touched = () => {
    if (lifted) return;
    setLifted(true);
    onTouch();
  };
  return (
    <li class="card" data-product-id={card.productId}>
      <button class="card-face" type="button" data-lifted={lifted} onClick={touched}>
        <Picture url={card.imageUrl} name={card.name} />
        <span class="card-name">{card.name}</span>
        <span class="card-price">{formatPrice(card.price, card.currency, locale)}</span>
      </button>
    </li>
  );
}
