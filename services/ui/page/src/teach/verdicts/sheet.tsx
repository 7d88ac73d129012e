import type { Label } from "../contract/label";
import { Trouble } from "../api/trouble";
import { LabelChooser } from "../labels/chooser";
import { useLabelMaker } from "../labels/create";
import type { Seen } from "../live/feed";
import { sayVerdict } from "../live/say";
import { Sheet } from "../parts/sheet";
import { TroubleNote } from "../parts/trouble-note";
import { useAction } from "../state/action";
import { useTeaching } from "../state/teaching";
import { replace, staying } from "../state/use-route";
import { VerdictPicture } from "./picture";

interface Props {
  verdict: Seen;
  onLearnt(label: string): void;
}

/** What a verdict should have been. */
export function VerdictSheet({ verdict, onLearnt }: Props) {
  const { api, language, labels, feed, changed } = useTeaching();
  const { makeFor } = useLabelMaker();
  const { strings, locale } = language;
  const words = strings.verdicts;
  const { busy, trouble, run } = useAction();
  // What it was taken for is what it is not, or nobody would have tapped it; it is in the list all the same.
  const others = verdict.candidates.filter(({ labelId }) => labelId !== verdict.labelId);
  const likely = others.flatMap(({ labelId }) => labels.value?.filter(({ id }) => id === labelId) ?? []);
  const close = () => replace({ view: "verdicts", verdict: null });
  const put = async (label: Label) => {
    // Its number may be another verdict's by now.
    if (!feed.has(verdict)) throw new Trouble("NOT_FOUND");
    const here = staying();
    await api.post("/api/verdicts/samples", { verdict_ids: [verdict.id], label_id: label.id });
    onLearnt(label.name);
    here(close);
    void changed(words.put(label.name), "ADD_SAMPLES");
  };
  const putNew = async (name: string) => {
    // Else a label would be made for nothing.
    if (!feed.has(verdict)) throw new Trouble("NOT_FOUND");
    await makeFor(name, put);
  };
  const { what, beside } = sayVerdict(verdict, strings, locale);
  return (
    <Sheet name="verdict" title={words.which} onClose={close}>
      <div class="verdict-head">
        <VerdictPicture verdict={verdict} />
        <p>
          {verdict.outcome === "KNOWN" || verdict.outcome === "BACKGROUND" ? words.takenFor(what) : what}
          {beside && <span class="small"> {beside}</span>}
        </p>
      </div>
      <TroubleNote
        trouble={trouble}
        strings={strings}
        meaning={{ NOT_FOUND: words.gone, FAILED_PRECONDITION: words.gone, ALREADY_EXISTS: strings.labels.nameTaken }}
      />
      <LabelChooser
        likely={likely}
        busy={busy}
        onChoose={(label) => run(() => put(label))}
        onCreate={(name) => run(() => putNew(name))}
      />
    </Sheet>
  );
}
