import { useState } from "preact/hooks";
import { Icon } from "../parts/icon";
import { useStrings } from "../state/teaching";

interface Props {
  /** null: there is no sample. */
  id: number | null;
  alt: string;
}

/** A sample's kept picture; a drawn one where none was kept. */
export function SamplePicture({ id, alt }: Props) {
  const strings = useStrings();
  const [absent, setAbsent] = useState(false);
  if (id !== null && !absent) {
    return (
      <img
        class="picture"
        src={`/api/samples/${id}/picture`}
        alt={alt}
        loading="lazy"
        decoding="async"
        onError={() => setAbsent(true)}
      />
    );
  }
  const name = alt && `${alt}: ${strings.samples.noPicture}`;
  return (
    <span class="picture absent" role={name ? "img" : undefined} aria-label={name || undefined}>
      <Icon name="picture" />
    </span>
  );
}
