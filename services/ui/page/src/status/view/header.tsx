import type { Code } from "../../language/choose";
import type { Voice } from "../voice";

/** Each in its own language. */
const LANGUAGES: [Code, string][] = [
  ["en", "English"],
  ["de", "Deutsch"],
];

export function Header({ voice: { code, strings }, link }: { voice: Voice; link(path: string): string }) {
  const pages: [string, string][] = [
    ["/", strings.mirror],
    ["/space", strings.space],
    ["/teach", strings.teach],
  ];
  return (
    <header class="header">
      <h1>{strings.heading}</h1>
      <nav aria-label={strings.pages}>
        <ul>
          {pages.map(([path, name]) => (
            <li key={path}>
              <a href={link(path)}>{name}</a>
            </li>
          ))}
        </ul>
      </nav>
      <nav class="languages" aria-label={strings.languages}>
        <ul>
          {LANGUAGES.map(([other, name]) => (
            <li key={other}>
              <a href={`?lang=${other}`} lang={other} hreflang={other} aria-current={other === code ? "true" : undefined}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  );
}
