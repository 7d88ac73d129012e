import { useEffect, useState } from "preact/hooks";
import type { ProductCard } from "../contract";
import { formatPrice, labelSize } from "../../language/format";
import type { Language } from "../../language/choose";
import type { KioskStrings } from "../../strings/kiosk";
import { CodeView } from "./code";
import { Picture, usePicture } from "./picture";

/** How long a touched card stays lifted. Touches in that time are the same touch: nobody means to touch twice a second. */
const LIFTED_MS = 900;

/** What is longer has to be set smaller, not broken. */
const LONG_WORD = 12;

const sizeOf = (name: string) => (name.split(/[\s-]/u).some((word) => [...word].length > LONG_WORD) ? "long" : labelSize(name));

interface Props {
  card: ProductCard;
  language: Language<KioskStrings>;
  /** Where there is no room for a code beside all else, it stands in the picture's place while this is so. */
  open: boolean;
  onTouch(): void;
}

export function Card({ card, language, open, onTouch }: Props) {
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
  const picture = usePicture(card.imageUrl);
  return (
    <li class="card" data-product-id={card.productId} data-picture={picture.state} data-size={sizeOf(card.name)}>
      <button class="card-face" type="button" data-lifted={lifted} data-open={open} onClick={touched}>
        <Picture {...picture} />
        <span class="card-name">{card.name}</span>
        <span class="card-price">{formatPrice(card.price, card.currency, language.locale)}</span>
        {card.targetUrl && <CodeView url={card.targetUrl} description={language.strings.scan(card.name)} />}
      </button>
    </li>
  );
}
