/** Puts words into the clipboard; whether it worked. */
export async function copyText(words: string): Promise<boolean> {
  // Only there over HTTPS and on the mirror itself.
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  if (clipboard) {
    const copied = await clipboard.writeText(words).then(
      () => true,
      () => false,
    );
    if (copied) return true;
  }
  return copySelection(words);
}

/** The old way, which a phone in the shop's network needs. */
function copySelection(words: string): boolean {
  const field = document.createElement("textarea");
  const focused = document.activeElement;
  field.value = words;
  field.className = "spoken";
  field.readOnly = true;
  document.body.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } finally {
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}
