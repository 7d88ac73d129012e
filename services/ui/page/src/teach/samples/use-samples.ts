import { useState } from "preact/hooks";
import { parseSamples, type Sample } from "../contract/label";
import { OTHERS_MS, useResource, type Resource } from "../state/resource";
import { useTeaching } from "../state/teaching";

export interface Samples {
  samples: Sample[];
  /** Whether there are older ones. */
  more: boolean;
  /** Of when the list is. */
  revision: number;
}

/** Three rows on a phone: what there is to say of the label comes below them. */
const FEW = 12;
/** As the server tells them. */
const PAGE = 60;

/** A label's samples, newest first: a few, and more when they are asked for. */
export function useSamples(label: number): Resource<Samples> & { shown: number; grow(): void } {
  const { api, live, revision } = useTeaching();
  const [shown, setShown] = useState(FEW);
  const pages = Math.ceil(shown / PAGE);
  const resource = useResource<Samples>({
    subject: live ? `samples ${label}` : null,
    revision: revision * 1_000 + pages,
    async load(signal) {
      const samples: Sample[] = [];
      let token = "";
      for (let page = 0; page < pages; page += 1) {
        const query = token && `?page_token=${encodeURIComponent(token)}`;
        const { samples: some, next } = parseSamples(await api.get(`/api/labels/${label}/samples${query}`, { signal }));
        samples.push(...some);
        token = next;
        if (token === "") break;
      }
      return { samples, more: token !== "", revision };
    },
    again: () => OTHERS_MS,
  });
  return { ...resource, shown, grow: () => setShown(shown === FEW ? PAGE : shown + PAGE) };
}

/** Those just taken come first while the list is older: one that an up-to-date list lacks was deleted, moved or undone. */
export function withFresh(listed: readonly Sample[], fresh: readonly Sample[], older: boolean): Sample[] {
  const known = new Set(listed.map(({ id }) => id));
  return [...(older ? fresh.filter(({ id }) => !known.has(id)) : []), ...listed];
}
