import { useEffect, useRef, useState } from "preact/hooks";
import { formatPrice, initial, ownPicture } from "../../language/format";
import { parseCards, type Card } from "../contract/cards";
import { TroubleNote } from "../parts/trouble-note";
import { useResource } from "../state/resource";
import { useTeaching } from "../state/teaching";

interface Props {
  label: number;
  /** The product number that is saved: another one has other cards. */
  product: string;
  /** Whether to bring it into view. */
  reveal?: boolean;
}

/** The product cards that shoppers are shown with a label. */
export function Shoppers({ label, product, reveal = false }: Props) {
  const { api, language, live } = useTeaching();
  const { strings, code, locale } = language;
  const words = strings.labels;
  const { value, trouble, reload } = useResource({
    subject: live ? `cards ${label} ${product} ${code}` : null,
    load: async (signal) => parseCards(await api.get(`/api/labels/${label}/recommendations?lang=${code}`, { signal })),
  });
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!reveal || !value) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    place.current?.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  }, [reveal, value]);
  return (
    <section ref={place} class="shoppers" data-shoppers={value ? value.items.length : ""}>
      <h2>{words.shoppers}</h2>
      <p class="small">
        {words.trigger}: {product}
      </p>
      <TroubleNote trouble={trouble} strings={strings} heals onRetry={reload} />
      {!value && !trouble && (
        <p class="waiting" role="status">
          {words.asking}
        </p>
      )}
      {value?.items.length === 0 && <p>{words.noCards}</p>}
      {value?.stale && <p class="small">{words.staleCards}</p>}
      {value && value.items.length > 0 && (
        <ul class="offers">
          {value.items.map((card) => (
            <Offer key={card.productId || card.name} card={card} locale={locale} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Offer({ card, locale }: { card: Card; locale: string }) {
  const source = ownPicture(card.imageUrl, location.origin);
  const [failed, setFailed] = useState(false);
  return (
    <li class="offer" data-product-id={card.productId}>
      <span class="offer-picture">
        {source && !failed ? (
          <img src={source} alt="" loading="lazy" onError={() => setFailed(true)} />
        ) : (
          <span aria-hidden="true">{initial(card.name)}</span>
        )}
      </span>
      <span class="offer-name">{card.name}</span>
      <span class="offer-price">{formatPrice(card.price, card.currency, locale)}</span>
    </li>
  );
}
