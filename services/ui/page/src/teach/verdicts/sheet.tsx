import { parseLabel, type Label } from "../contract/label";
import type { Verdict } from "../contract/verdict";
import { LabelChooser } from "../labels/chooser";
import { sayVerdict } from "../live/say";
import { Sheet } from "../parts/sheet";
import { TroubleNote } from "../parts/trouble-note";
import { useAction } from "../state/action";
import { useTeaching } from "../state/teaching";
import { replace } from "../state/use-route";
import { VerdictPicture } from "./picture";

interface Props {
  verdict: Verdict;
  onLearnt(label: string): void;
}

/** What a verdict should have been. */
export function VerdictSheet({ verdict, onLearnt }: Props) {
  const { api, language, labels, changed } = useTeaching();
  const { strings, locale } = language;
  const words = strings.verdicts;
  const { busy, trouble, run } = useAction();
  // What it was taken for is what it is not, or nobody would have tapped it; it is in the list all the same.
  const others = verdict.candidates.filter(({ labelId }) => labelId !== verdict.labelId);
  const likely = others.flatMap(({ labelId }) => labels.value?.filter(({ id }) => id === labelId) ?? []);
  const close = () => replace({ view: "verdicts", verdict: null });
  const put = async (label: Label) => {
    await api.post("/api/verdicts/samples", { verdict_ids: [verdict.id], label_id: label.id });
    onLearnt(label.name);
    close();
    void changed(words.put(label.name));
  };
  const putNew = async (name: string) => {
    const label = parseLabel(await api.post("/api/labels", { name }));
    try {
      await put(label);
    } catch (error) {
      // The label is there in any case: it must not be offered as a new one again.
      void changed();
      throw error;
    }
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
