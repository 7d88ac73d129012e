import { useEffect, useState } from "preact/hooks";
import { within } from "../../server/within";
import { Icon } from "../parts/icon";
import { useTeaching } from "../state/teaching";

const HANGS_MS = 10_000;
const AGAIN_MS = 5_000;

interface Props {
  /** null: there is no sample. */
  id: number | null;
  alt: string;
}

/** "late": it didn't come, for whatever reason; it is asked for again. */
type State = "there" | "late" | "absent";

/** A sample's kept picture; a drawn one where none was kept. */
export function SamplePicture({ id, alt }: Props) {
  const { language, revision, live } = useTeaching();
  const [state, setState] = useState<State>("there");
  useEffect(() => setState((before) => (before === "late" ? "there" : before)), [revision, live]);
  useEffect(() => {
    if (state !== "late" || !live) return;
    const timer = setTimeout(() => setState("there"), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [state, live]);
  const source = `/api/samples/${id}/picture`;
  if (id !== null && state === "there") {
    const failed = async () => {
      setState((await isMissing(source)) ? "absent" : "late");
    };
    return (
      <img class="picture" src={source} alt={alt} loading="lazy" decoding="async" onError={() => void failed()} />
    );
  }
  const name = alt && (state === "late" ? alt : `${alt}: ${language.strings.samples.noPicture}`);
  return (
    <span class="picture absent" role={name ? "img" : undefined} aria-label={name || undefined}>
      <Icon name="picture" />
    </span>
  );
}

/** An element isn't told why it has no picture: only the server can say that there is none. */
const isMissing = (source: string): Promise<boolean> =>
  within(undefined, HANGS_MS, (signal) => fetch(source, { cache: "no-store", signal })).then(
    ({ status }) => status === 404,
    () => false,
  );
