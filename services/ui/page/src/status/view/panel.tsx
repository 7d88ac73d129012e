import type { ComponentChildren } from "preact";
import { Icon, type Look } from "./icon";

interface PanelProps {
  /** For tests and the layout. */
  part: string;
  title: string;
  /** What it shows is not of now. */
  stale?: boolean;
  children: ComponentChildren;
}

/** A section with its heading. */
export function Panel({ part, title, stale = false, children }: PanelProps) {
  return (
    <section class="panel" data-part={part} data-stale={stale} aria-labelledby={`title-${part}`}>
      <h2 id={`title-${part}`}>{title}</h2>
      {children}
    </section>
  );
}

/** A list of figures with their names. */
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

interface FactProps {
  name: string;
  /** What needs a look. */
  warn?: boolean;
  children: ComponentChildren;
}

export function Fact({ name, warn = false, children }: FactProps) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd data-warn={warn}>{children}</dd>
    </div>
  );
}

/** An icon and its word; only the word of what is neither good nor bad. */
export function Mark({ look, word }: { look?: Look; word: string }) {
  return (
    <span class="mark" data-look={look}>
      {look && <Icon look={look} />}
      {word}
    </span>
  );
}

/** What the server said: it speaks English. */
export function Quote({ children }: { children: string }) {
  return (
    <p class="quote" lang="en">
      {children}
    </p>
  );
}
