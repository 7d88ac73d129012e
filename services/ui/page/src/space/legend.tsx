import type { SpaceLabel } from "./contract";
import { colour } from "./palette";

interface Props {
  labels: SpaceLabel[];
  title: string;
  colourOf(id: number): number;
  locale: string;
}

/** All labels. Only wide screens have room to show it; screen readers always have it. */
export function Legend({ labels, title, colourOf, locale }: Props) {
  if (labels.length === 0) return null;
  const count = new Intl.NumberFormat(locale);
  return (
    <ul class="space-legend" aria-label={title}>
      {labels.map(({ id, name, samples }) => (
        <li key={id}>
          <span class="space-chip" style={{ background: colour(colourOf(id)) }} />
          <span class="space-legend-name">{name}</span> <span class="space-legend-count">{count.format(samples)}</span>
        </li>
      ))}
    </ul>
  );
}
