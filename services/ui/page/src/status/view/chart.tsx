import { WINDOW_S } from "../live";
import { area, HEIGHT, highest, line, niceTop, type Values } from "../spark";

/** So that the line isn't cut in half at its peak. */
const HEADROOM = 1.05;

interface Props {
  title: string;
  /** The figure of now. */
  value: string;
  detail: string;
  middle: Values;
  /** What is above the line; filled. */
  upper?: Values;
  /** The scale is never finer than up to this. */
  least: number;
  /** The scale's upper end, in words. */
  scale(top: number): string;
  /** What it shows, for those who can't see it. */
  description: string;
}

/** Figures and their last two minutes. Its scale begins at zero. */
export function Chart({ title, value, detail, middle, upper, least, scale, description }: Props) {
  const top = niceTop(HEADROOM * highest(middle, upper ?? []), least);
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-value">{value}</span>
        <span class="chart-detail">{detail}</span>
      </figcaption>
      <p class="chart-top" aria-hidden="true">
        {middle.some((value) => value !== null) && scale(top)}
      </p>
      <svg viewBox={`0 0 ${WINDOW_S} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={description}>
        <path class="chart-area" d={area(upper ?? middle, top)} />
        <path class="chart-line" d={line(middle, top)} />
      </svg>
    </figure>
  );
}
