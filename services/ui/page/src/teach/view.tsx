import type { Capture } from "./capture/use-capture";
import type { Label } from "./contract/label";
import { LabelForm } from "./labels/form";
import { LabelList } from "./labels/list";
import { LabelView } from "./labels/view";
import { Changes } from "./more/changes";
import { Data } from "./more/data";
import { Device } from "./more/device";
import { Menu } from "./more/menu";
import { Security } from "./more/security";
import { TroubleNote } from "./parts/trouble-note";
import { QualityView } from "./quality/view";
import { hrefOf, type Route } from "./state/route";
import { useTeaching } from "./state/teaching";
import { Verdicts } from "./verdicts/view";

interface Props {
  route: Route;
  label: Label | null;
  capture: Capture;
}

export function View({ route, label, capture }: Props) {
  switch (route.view) {
    case "labels":
      return <LabelList />;
    case "new":
      return <LabelForm label={null} />;
    case "label":
      return label ? <LabelView label={label} capture={capture} sample={route.sample} /> : <NoLabel />;
    case "edit":
      return label ? <LabelForm label={label} /> : <NoLabel />;
    case "verdicts":
      return <Verdicts open={route.verdict} />;
    case "quality":
      return <QualityView />;
    case "more":
      return <Menu />;
    case "changes":
      return <Changes />;
    case "data":
      return <Data />;
    case "device":
      return <Device />;
    case "security":
      return <Security />;
  }
}

/** Deleted, or just made and not in the list yet: the words take a moment to appear. */
function NoLabel() {
  const { language, labels } = useTeaching();
  const { strings } = language;
  if (labels.trouble) return <TroubleNote trouble={labels.trouble} strings={strings} heals onRetry={labels.reload} />;
  return (
    <div class="empty late">
      <p>{labels.value ? strings.labels.gone : strings.loading}</p>
      <a class="button" href={hrefOf({ view: "labels" })}>
        {strings.labels.title}
      </a>
    </div>
  );
}
