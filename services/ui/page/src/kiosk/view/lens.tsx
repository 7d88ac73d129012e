import { usePreview } from "../../server/use-preview";

const PREVIEW_WIDTH = 320;

interface Props {
  description: string;
  /** False where the shop wants no camera picture on the glass; the ring stays. */
  preview: boolean;
  watching: boolean;
}

/** The ring people hold a product into, with what the camera sees inside. One element for all scenes: it only moves. */
export function Lens({ description, preview, watching }: Props) {
  const { canvas, there, refused } = usePreview(PREVIEW_WIDTH, preview && watching);
  const shown = preview && !refused;
  return (
    <div class="lens" data-preview={shown ? "on" : "off"}>
      <span class="ring ring-still" />
      <span class="ring ring-breath" />
      <span class="ring-turn">
        <span class="ring ring-sweep" />
      </span>
      {shown && (
        <canvas ref={canvas} class="preview" data-live={there === true} role="img" aria-label={description} />
      )}
    </div>
  );
}
