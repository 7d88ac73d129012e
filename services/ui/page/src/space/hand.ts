// Turning by hand: with a mouse, with fingers, with keys.

import type { Orbit } from "./orbit";

/** Across the whole shorter side: this far around. */
const DRAG_TURN = 1.2 * Math.PI;
const KEY_TURN = 0.12;
const KEY_SECONDS = 0.12;
const KEY_ZOOM = 1.12;

/** Until the signal, `host` turns the orbit; `changed` is called after each change. */
export function turnByHand(host: HTMLElement, orbit: Orbit, changed: () => void, signal: AbortSignal): void {
  const pointers = new Map<number, PointerEvent>();

  const spread = () => {
    const [a, b] = [...pointers.values()];
    return a && b ? Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) : 0;
  };

  const listen = <Name extends keyof HTMLElementEventMap>(name: Name, act: (event: HTMLElementEventMap[Name]) => void) =>
    host.addEventListener(name, act, { signal, passive: name !== "wheel" && name !== "keydown" });

  listen("pointerdown", (event) => {
    if (event.button !== 0 || event.target instanceof HTMLAnchorElement) return;
    host.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    orbit.hold();
    changed();
  });
  listen("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const wide = spread();
    pointers.set(event.pointerId, event);
    if (pointers.size > 1) {
      if (wide > 0) orbit.zoom(spread() / wide);
    } else {
      const scale = DRAG_TURN / Math.min(host.clientWidth, host.clientHeight);
      const seconds = Math.max(event.timeStamp - before.timeStamp, 8) / 1000;
      orbit.turn((before.clientX - event.clientX) * scale, (event.clientY - before.clientY) * scale, seconds);
    }
    changed();
  });
  const letGo = (event: PointerEvent) => {
    const last = pointers.get(event.pointerId);
    if (!last || !pointers.delete(event.pointerId) || pointers.size > 0) return;
    // Held in place before it was let go: it stays there.
    if (event.timeStamp - last.timeStamp > 80) orbit.hold();
    orbit.letGo();
    changed();
  };
  listen("pointerup", letGo);
  listen("pointercancel", letGo);

  listen("wheel", (event) => {
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 24 : 1);
    orbit.zoom(Math.exp(-Math.max(-120, Math.min(120, pixels)) * 0.0014));
    changed();
  });
  listen("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !press(orbit, event.key)) return;
    event.preventDefault();
    changed();
  });
}

/** Whether the key means anything here. */
export function press(orbit: Orbit, key: string): boolean {
  switch (key) {
    case "ArrowLeft":
      orbit.turn(-KEY_TURN, 0, KEY_SECONDS);
      return true;
    case "ArrowRight":
      orbit.turn(KEY_TURN, 0, KEY_SECONDS);
      return true;
    case "ArrowUp":
      orbit.turn(0, KEY_TURN, KEY_SECONDS);
      return true;
    case "ArrowDown":
      orbit.turn(0, -KEY_TURN, KEY_SECONDS);
      return true;
    case "+":
    case "=":
      orbit.zoom(KEY_ZOOM);
      return true;
    case "-":
      orbit.zoom(1 / KEY_ZOOM);
      return true;
    default:
      return false;
  }
}
