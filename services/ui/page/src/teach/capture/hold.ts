// Holding a button down: with a finger, a mouse, or a key.

import { useEffect, useRef } from "preact/hooks";
import type { ButtonHTMLAttributes } from "preact";

const isPress = (key: string) => key === " " || key === "Enter";

export function useHold(down: () => void, up: () => void, toggled: () => void): ButtonHTMLAttributes {
  const held = useRef(false);
  const latest = useRef({ down, up, toggled });
  latest.current = { down, up, toggled };

  const press = () => {
    if (held.current) return;
    held.current = true;
    latest.current.down();
  };
  const release = () => {
    if (!held.current) return;
    held.current = false;
    latest.current.up();
  };
  // A button that goes away, or a window that loses its keys, is never told of the release.
  useEffect(() => {
    addEventListener("blur", release);
    return () => {
      removeEventListener("blur", release);
      release();
    };
  }, []);

  return {
    onPointerDown(event) {
      if (event.button !== 0) return;
      // The finger may slide off the button: it is still held.
      event.currentTarget.setPointerCapture(event.pointerId);
      press();
    },
    onPointerUp: release,
    onPointerCancel: release,
    onLostPointerCapture: release,
    onKeyDown(event) {
      if (!isPress(event.key)) return;
      // The click that a key makes at its release would start it anew.
      event.preventDefault();
      if (!event.repeat) press();
    },
    onKeyUp(event) {
      if (!isPress(event.key)) return;
      event.preventDefault();
      release();
    },
    onBlur: release,
    // A long press must not open a menu.
    onContextMenu: (event) => event.preventDefault(),
    // Only from what can't hold, such as a screen reader: everything else was caught above.
    onClick(event) {
      if (event.detail === 0) latest.current.toggled();
    },
  };
}
