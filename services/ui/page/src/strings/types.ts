import type { Component } from "../contract";

/** Everything the page can say. A language is one file of this shape. */
export interface Strings {
  title: string;
  idle: string;
  idleHint: string;
  looking: string;
  teaching: string;
  teachingHint: string;
  recognised: string;
  /** `percent` is already formatted. */
  sure(percent: string): string;
  spoken(label: string): string;
  cards: string;
  preview: string;
  stale: string;
  offersAway: string;
  degraded: string;
  away: Record<Component, string>;
  comesBack: string;
  connecting: string;
  reconnecting: string;
}
