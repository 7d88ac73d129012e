import type { Label } from "../contract/label";
import type { Capture } from "../capture/use-capture";
import { formatShare } from "../parts/time";
import { SampleGrid } from "../samples/grid";
import { hrefOf } from "../state/route";
import { useTeaching } from "../state/teaching";
import { Advice } from "./advice";
import { GradeRing } from "./grade-ring";
import { Shoppers } from "./shoppers";

interface Props {
  label: Label;
  capture: Capture;
  /** The sample that is enlarged. */
  sample: number | null;
}

/** Everything about one label, below the button that teaches it. */
export function LabelView({ label, capture, sample }: Props) {
  const { strings, locale } = useTeaching().language;
  const { quality, samples } = label;
  return (
    <>
      <SampleGrid label={label} fresh={capture.fresh} running={capture.running} open={sample} />
      <section class="panel quality-panel" data-quality>
        <div class="quality-line">
          <GradeRing label={label} />
          {quality && samples > 1 && <p>{strings.labels.known(formatShare(quality.accuracy, locale))}</p>}
        </div>
        {quality && <Advice label={label} quality={quality} />}
      </section>
      {label.kind === "PRODUCT" && label.productId !== "" && <Shoppers label={label.id} product={label.productId} />}
      {label.kind === "PRODUCT" && label.productId === "" && (
        <section class="shoppers">
          <h2>{strings.labels.shoppers}</h2>
          <p>{strings.labels.noTrigger}</p>
          <a class="button" href={hrefOf({ view: "edit", id: label.id })}>
            {strings.edit}
          </a>
        </section>
      )}
    </>
  );
}
