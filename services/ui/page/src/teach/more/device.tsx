import { parseCameras, parseGallery, parseModels, type Model } from "../contract/device";
import { TroubleNote } from "../parts/trouble-note";
import { useAction } from "../state/action";
import { useResource } from "../state/resource";
import { useTeaching } from "../state/teaching";
import { breakable, CameraChoice, ModelChoice } from "./choices";

/** While something is under way, and otherwise. */
const SOON_MS = 1_500;
const LATER_MS = 10_000;

/** A model is loaded and tested before it is used. */
const SELECT_MS = 120_000;

/** What the mirror runs on and looks through. */
export function Device() {
  const { api, language, live, say } = useTeaching();
  const { strings } = language;
  const words = strings.device;
  const models = useResource({
    subject: live ? "models" : null,
    load: async (signal) => parseModels(await api.get("/api/models", { signal })),
    again: () => LATER_MS,
  });
  const cameras = useResource({
    subject: live ? "cameras" : null,
    load: async (signal) => parseCameras(await api.get("/api/cameras", { signal })),
    again: (value) => (value.some(({ state }) => state === "OPENING" || state === "FAILED") ? SOON_MS : LATER_MS),
  });
  const gallery = useResource({
    subject: live ? "gallery" : null,
    load: async (signal) => parseGallery(await api.get("/api/gallery", { signal })),
    again: ({ pending }) => (pending > 0 ? SOON_MS : LATER_MS),
  });
  const action = useAction();
  const selectModel = (id: string) =>
    action.run(async () => {
      await api.post("/api/models/select", { model_id: id }, { hangsMs: SELECT_MS });
      models.reload();
      gallery.reload();
      say(words.used(id));
    });
  const selectCamera = (id: string, name: string) =>
    action.run(async () => {
      await api.post("/api/cameras/select", { camera_id: id });
      cameras.reload();
      say(words.used(name));
    });
  const figures = gallery.value;
  const count = new Intl.NumberFormat(language.locale);
  return (
    <>
      <section class="panel" data-gallery>
        <h2>{words.gallery}</h2>
        <TroubleNote trouble={gallery.trouble} strings={strings} heals onRetry={gallery.reload} />
        {figures && (
          <dl class="facts">
            <Fact name={words.labelCount} value={count.format(figures.labels)} />
            <Fact name={words.sampleCount} value={count.format(figures.samples)} />
            {figures.ignored > 0 && <Fact name={words.ignoredCount} value={count.format(figures.ignored)} />}
          </dl>
        )}
        <p role="status" data-pending={figures?.pending ?? 0}>
          {figures && figures.pending > 0 && words.pending(figures.pending)}
        </p>
      </section>
      <section class="panel" data-model={models.value?.model?.id ?? ""}>
        <h2>{words.model}</h2>
        <TroubleNote trouble={models.trouble} strings={strings} heals onRetry={models.reload} />
        {models.value && (models.value.model ? <Facts model={models.value.model} /> : <p>{words.away}</p>)}
        {models.value && models.value.files.length > 1 && (
          <ModelChoice files={models.value.files} busy={action.busy} onSelect={selectModel} />
        )}
      </section>
      <section class="panel">
        <h2>{words.cameras}</h2>
        <TroubleNote trouble={cameras.trouble} strings={strings} heals onRetry={cameras.reload} />
        {cameras.value && <CameraChoice cameras={cameras.value} busy={action.busy} onSelect={selectCamera} />}
      </section>
      <TroubleNote trouble={action.trouble} strings={strings} />
    </>
  );
}

function Facts({ model }: { model: Model }) {
  const words = useTeaching().language.strings.device;
  return (
    <dl class="facts">
      <Fact name={words.modelId} value={breakable(model.id)} />
      <Fact name={words.runsOn} value={words.accelerator[model.accelerator]} />
      {model.detail && <Fact name={words.detail} value={model.detail} />}
      {model.version && <Fact name={words.version} value={model.version} />}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
