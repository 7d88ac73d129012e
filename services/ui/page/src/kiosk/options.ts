// How this kiosk is to behave: what its operator has set, and what the address says instead.

import type { Settings } from "../server/settings";

export interface Options {
  preview: boolean;
  /** 0: never. */
  dimAfterMs: number;
  /** How long each step of the story lasts; 0: no story. */
  storyStepMs: number;
}

/** Long enough to look and to read, short enough not to wait. */
const STORY_STEP_MS = 6_500;

export function readOptions(search: string, settings: Settings): Options {
  const asked = new URLSearchParams(search);
  const preview = asked.get("preview");
  return {
    preview: preview === null ? settings.preview : preview !== "off",
    dimAfterMs: (seconds(asked.get("dim")) ?? settings.dimAfterSeconds) * 1_000,
    storyStepMs: asked.get("story") === "off" ? 0 : (seconds(asked.get("story")) ?? STORY_STEP_MS / 1_000) * 1_000,
  };
}

function seconds(written: string | null): number | null {
  const value = Number(written || NaN);
  return Number.isFinite(value) && value >= 0 ? value : null;
}
