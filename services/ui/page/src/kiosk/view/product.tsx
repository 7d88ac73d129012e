import type { Label, Offers, ProductCard } from "../contract";
import { formatPercent, labelSize } from "../../language/format";
import type { Language } from "../../language/choose";
import type { KioskStrings } from "../../strings/kiosk";
import { Cards } from "./cards";
import { Evidence } from "./evidence";

interface Props {
  label: Label;
  offers: Offers | null;
  note: string | null;
  language: Language<KioskStrings>;
  onTouch(card: ProductCard): void;
}

/** What was recognised and why, and what goes with it. */
export function Product({ label, offers, note, language, onTouch }: Props) {
  const { strings, locale } = language;
  const cards = offers?.cards ?? [];
  return (
    <section class="product">
      <header class="label">
        <p class="label-above">{strings.recognised}</p>
        <h1 class="label-name" data-size={labelSize(label.name)}>
          {label.name}
        </h1>
        {label.confidence !== null && (
          <p class="sure">
            <span class="sure-bar" aria-hidden="true">
              <span class="sure-fill" style={{ transform: `scaleX(${label.confidence.toFixed(3)})` }} />
            </span>
            {strings.sure(formatPercent(label.confidence, locale))}
          </p>
        )}
      </header>
      <Evidence sampleId={label.nearestSampleId} caption={strings.evidence} />
      {cards.length > 0 && <Cards cards={cards} language={language} onTouch={onTouch} />}
      {note && <p class="note">{note}</p>}
    </section>
  );
}
