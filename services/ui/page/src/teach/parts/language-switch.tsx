import type { Code, Language } from "../../language/choose";
import type { TeachStrings } from "../../strings/teach";

interface Props {
  language: Language<TeachStrings>;
  choose(code: Code): void;
}

export function LanguageSwitch({ language, choose }: Props) {
  const { languages, language: title } = language.strings;
  return (
    <div class="languages" role="group" aria-label={title}>
      {(Object.keys(languages) as Code[]).map((code) => (
        <button
          key={code}
          type="button"
          class="button"
          lang={code}
          data-language={code}
          aria-pressed={language.code === code}
          onClick={() => choose(code)}
        >
          {languages[code]}
        </button>
      ))}
    </div>
  );
}
