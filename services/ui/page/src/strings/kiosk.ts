import type { Component } from "../kiosk/contract";

/** Everything the kiosk page can say. */
export interface KioskStrings {
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
