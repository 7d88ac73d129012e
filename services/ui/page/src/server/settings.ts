// What the mirror's operator has set for its pages: the server writes it into each of them.

export interface Settings {
  /** A language tag; empty: as the browser prefers. */
  language: string;
  /** Whether the kiosk shows what the camera sees. */
  preview: boolean;
  /** After this many seconds without anybody the kiosk goes dark; 0: never. */
  dimAfterSeconds: number;
}

export const DEFAULTS: Settings = { language: "", preview: true, dimAfterSeconds: 600 };

/** What is written there; the default for what isn't. */
export function parseSettings(content: string): Settings {
  try {
    const { language, preview, dim_after_seconds: dim } = JSON.parse(content) as Record<string, unknown>;
    return {
      language: typeof language === "string" ? language : DEFAULTS.language,
      preview: typeof preview === "boolean" ? preview : DEFAULTS.preview,
      dimAfterSeconds: typeof dim === "number" && dim >= 0 ? dim : DEFAULTS.dimAfterSeconds,
    };
  } catch {
    return DEFAULTS;
  }
}

export const readSettings = (): Settings =>
  parseSettings(document.querySelector<HTMLMetaElement>('meta[name="mirror-settings"]')?.content ?? "");
