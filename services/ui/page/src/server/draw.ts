/** Draws a picture into a canvas, at the picture's own size. */
export async function drawInto(canvas: HTMLCanvasElement | null, jpeg: Blob): Promise<void> {
  if (!canvas) return;
  const picture = await createImageBitmap(jpeg);
  // Setting a canvas's size clears it, even to the same size.
  if (canvas.width !== picture.width) canvas.width = picture.width;
  if (canvas.height !== picture.height) canvas.height = picture.height;
  canvas.getContext("2d", { alpha: false })?.drawImage(picture, 0, 0);
  picture.close();
}
