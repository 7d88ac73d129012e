import { useEffect, useRef, useState } from "preact/hooks";
import { runPreview } from "../../server/preview";

const PREVIEW_WIDTH = 320;

interface Props {
  description: string;
  /** False where the shop wants no camera picture on the glass; the ring stays. */
  preview: boolean;
  watching: boolean;
}

/** The ring people hold a product into, with what the camera sees inside. One element for all scenes: it only moves. */
export function Lens({ description, preview, watching }: Props) {
  const [refused, setRefused] = useState(false);
  const shown = preview && !refused;
  return (
    <div class="lens" data-preview={shown ? "on" : "off"}>
      <span class="ring ring-still" />
      <span class="ring ring-breath" />
      <span class="ring-turn">
        <span class="ring ring-sweep" />
      </span>
      {shown && <Preview description={description} watching={watching} onRefused={() => setRefused(true)} />}
    </div>
  );
}

interface PreviewProps {
  description: string;
  watching: boolean;
  onRefused(): void;
}

function Preview({ description, watching, onRefused }: PreviewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [live, setLive] = useState(false);
  useEffect(() => {
    if (!watching) {
      setLive(false);
      return;
    }
    const stop = new AbortController();
    void runPreview({
      width: PREVIEW_WIDTH,
      signal: stop.signal,
      async frame(jpeg) {
        await drawInto(canvas.current, jpeg);
        setLive(true);
      },
      stale: () => setLive(false),
      refused: onRefused,
    });
    return () => stop.abort();
  }, [watching]);
  return <canvas ref={canvas} class="preview" data-live={live} role="img" aria-label={description} />;
}

async function drawInto(canvas: HTMLCanvasElement | null, jpeg: Blob): Promise<void> {
  if (!canvas) return;
  const picture = await createImageBitmap(jpeg);
  // Setting a canvas's size clears it, even to the same size.
  if (canvas.width !== picture.width) canvas.width = picture.width;
  if (canvas.height !== picture.height) canvas.height = picture.height;
  canvas.getContext("2d", { alpha: false })?.drawImage(picture, 0, 0);
  picture.close();
}
