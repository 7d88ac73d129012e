/** Everything the embedding space can say. Numbers come along formatted. */
export interface SpaceStrings {
  title: string;
  heading: string;
  howToRead: string;
  labels(count: number, formatted: string): string;
  samples(count: number, formatted: string): string;
  /** Only a part of the samples is drawn. */
  part(shown: string, all: string): string;
  explained(percent: string): string;
  /** The verdict on a frame in which nothing is recognised. */
  unknown: string;
  spoken(label: string): string;
  /** The picture in words. */
  picture(labels: string): string;
  legend: string;
  empty: string;
  emptyHint: string;
  /** There is no graphics card. */
  flat: string;
  /** How to turn it: with mouse and keys, and with fingers. */
  turn: string;
  touch: string;
  back: string;
  connecting: string;
  reconnecting: string;
  /** Nothing comes, though the server is there. */
  silent: string;
}
