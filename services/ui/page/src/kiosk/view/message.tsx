interface Props {
  title: string;
  lines?: string[];
  promise?: string;
}

/** A few words beneath the lens. */
export function Message({ title, lines = [], promise }: Props) {
  return (
    <section class="message">
      <h1>{title}</h1>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {promise && <p class="promise">{promise}</p>}
    </section>
  );
}
