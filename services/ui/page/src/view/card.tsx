import { useState } from "preact/hooks";
import type { ProductCard } from "../contract";
import { formatPrice, initial, ownPicture } from "../format";

interface Props {
  card: ProductCard;
  locale: string;
}

export function Card({ card, locale }: Props) {
  const price = formatPrice(card.price, card.currency, locale);
  return (
    <li class="card" data-product-id={card.productId}>
      <Picture key={card.imageUrl} url={card.imageUrl} name={card.name} />
      <h2 class="card-name">{card.name}</h2>
      <p class="card-price">{price}</p>
    </li>
  );
}

/** The picture; its product's initial where there is none, it cannot be loaded, or it takes its time. */
function Picture({ url, name }: { url: string; name: string }) {
  const source = ownPicture(url, location.origin);
  const [picture, setPicture] = useState<"waiting" | "shown" | "failed">(source ? "waiting" : "failed");
  return (
    <div class="card-picture" data-picture={picture}>
      {picture !== "shown" && (
        <span class="card-initial" aria-hidden="true">
          {initial(name)}
        </span>
      )}
      {source && picture !== "failed" && (
        <img src={source} alt={name} onLoad={() => setPicture("shown")} onError={() => setPicture("failed")} />
      )}
    </div>
  );
}
