const PATHS = {
  back: "M15 5l-7 7 7 7",
  edit: "M4 20l1-4L16.5 4.5l3 3L8 19z M14 7l3 3",
  trash: "M5 7h14 M10 7V4.5h4V7 M7 7l1 12.5h8L17 7",
  check: "M5 12.5l4.5 4.5L19 7.5",
  half: "M5 12h14",
  plus: "M12 5v14 M5 12h14",
  dots: "M6 12h.01 M12 12h.01 M18 12h.01",
  arrow: "M4 12h15 M13 6l6 6-6 6",
  right: "M9 5l7 7-7 7",
  close: "M6 6l12 12 M18 6L6 18",
  undo: "M9 6L4 11l5 5 M4.5 11H14a5 5 0 0 1 0 10h-3",
  teach: "M4 8V5.5h2.5L8 4h8l1.5 1.5H20V19H4z M12 9a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  verdicts: "M4 5h7v6H4z M13 5h7v6h-7z M4 13h7v6H4z M13.5 16l2.2 2.2L20 14",
  quality: "M5 20v-7 M12 20V5 M19 20v-11",
  more: "M5 7h14 M5 12h14 M5 17h14",
  move: "M4 6h7 M4 12h5 M4 18h7 M13 12h7 M17 8.5l3.5 3.5-3.5 3.5",
  picture: "M4 5h16v14H4z M4 16l5-5 4 4 2.5-2.5L20 17 M15.5 8.5h.01",
  file: "M6 3.5h8l4 4V20.5H6z M14 3.5v4h4",
  pause: "M8 5v14 M16 5v14",
  play: "M7 5l12 7-12 7z",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z M12 8v4.5l3 2",
  turn: "M5 12a7 7 0 0 1 12-5 M17 3v4h-4 M19 12a7 7 0 0 1-12 5 M7 21v-4h4",
  device: "M5 4h14v11H5z M9 20h6 M12 15v5",
  lock: "M6 11h12v9H6z M8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  open: "M13 5h6v6 M19 5l-9 9 M16 14v5H5V8h5",
};

export type IconName = keyof typeof PATHS;

/** Always beside words, or within something that has a name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
