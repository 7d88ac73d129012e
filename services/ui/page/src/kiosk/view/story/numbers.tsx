import { useEffect, useRef } from "preact/hooks";
import { shadesOf, shapeOf, type Shape } from "../../story/grid";

const CELL = 16;
const GAP = 2;
/** All of it comes up in this time, in so many strokes. */
const COMES_MS = 1_600;
const STROKES = 40;

const POSITIVE = "236 217 176";
const NEGATIVE = "132 158 198";

/** An embedding as what it is: a cell for each number, the brighter the larger. */
export function Numbers({ values }: { values: Float32Array }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shape = shapeOf(values.length);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const draw = painter(context, values, shape);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      draw(1);
      return;
    }
    let stroke = 0;
    const timer = setInterval(() => {
      stroke += 1;
      draw(stroke / STROKES);
      if (stroke === STROKES) clearInterval(timer);
    }, COMES_MS / STROKES);
    return () => clearInterval(timer);
  }, [values]);
  return (
    <canvas
      ref={canvas}
      class="story-numbers"
      width={shape.columns * CELL}
      height={shape.rows * CELL}
      style={{ aspectRatio: `${shape.columns} / ${shape.rows}` }}
    />
  );
}

/** Draws what is new at each share of the whole, from the first corner to the last. */
function painter(context: CanvasRenderingContext2D, values: Float32Array, { columns, rows }: Shape) {
  const shades = shadesOf(values);
  const drawn = new Uint8Array(shades.length);
  return (share: number) => {
    for (const [index, { positive, strength }] of shades.entries()) {
      const column = index % columns;
      const row = Math.floor(index / columns);
      if (drawn[index] || (column / columns + row / rows) / 2 > share) continue;
      drawn[index] = 1;
      context.fillStyle = `rgb(${positive ? POSITIVE : NEGATIVE} / ${0.06 + 0.94 * strength})`;
      context.fillRect(column * CELL, row * CELL, CELL - GAP, CELL - GAP);
    }
  };
}
