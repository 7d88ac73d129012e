import { within } from "../../server/within";
import { parseStory, type Story } from "./contract";

/** Like every request of the page: one that hangs must not use up the browser's few connections. */
const HANGS_MS = 10_000;

export const pictureOf = (story: Story): string => `/samples/${story.sampleId}`;

/** The next story, with its picture already there: a frame that fills later would spoil it. */
export function loadStory(language: string, signal: AbortSignal): Promise<Story | null> {
  return within(signal, HANGS_MS, (stop) => load(language, stop));
}

async function load(language: string, signal: AbortSignal): Promise<Story | null> {
  const response = await fetch(`/story?lang=${language}`, { cache: "no-store", signal });
  if (response.status !== 200) return null;
  const story = parseStory(await response.text());
  if (!story) return null;
  // Into the browser's cache. An Image that never gets into the document would stay in its memory.
  const picture = await fetch(pictureOf(story), { signal });
  if (!picture.ok) return null;
  (await createImageBitmap(await picture.blob())).close();
  return story;
}
