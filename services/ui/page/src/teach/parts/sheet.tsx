import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { useTeaching } from "../state/teaching";
import { Icon } from "./icon";

interface Props {
  /** For tests and styles. */
  name: string;
  title: string;
  onClose(): void;
  children: ComponentChildren;
}

/** A modal sheet: from below on a phone, in the middle elsewhere. The browser keeps the focus in it, and gives it back. */
export function Sheet({ name, title, onClose, children }: Props) {
  const { open, language } = useTeaching();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const pressed = useRef(false);
  // Before it leaves the document: else the browser could not give the focus back.
  useLayoutEffect(() => {
    const shown = dialog.current;
    // Behind the lock it must not be modal, or the lock could not be reached; what was typed in it stays.
    if (!shown || !open) return;
    shown.showModal();
    return () => shown.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      class="sheet"
      data-sheet={name}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // Words that are being marked may be let go of outside: only what began beside the sheet closes it.
      onPointerDown={(event) => {
        pressed.current = event.target === dialog.current;
      }}
      onClick={(event) => {
        if (event.target === dialog.current && pressed.current) onClose();
        pressed.current = false;
      }}
    >
      <div class="sheet-body">
        <header class="sheet-head">
          <h2 id={heading}>{title}</h2>
          <button type="button" class="icon-button" aria-label={language.strings.close} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
