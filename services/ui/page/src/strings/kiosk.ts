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
  /** Between a taught picture and what the camera sees. */
  evidence: string;
  cards: string;
  /** For those who can't see the code. */
  scan(product: string): string;
  preview: string;
  stale: string;
  offersAway: string;
  degraded: string;
  away: Record<Component, string>;
  comesBack: string;
  connecting: string;
  reconnecting: string;
  /** How the mirror knows its products. */
  story: {
    /** For those who can't see it. */
    about: string;
    /** Before a product's name. */
    picture: string;
    /** `count` is already formatted. */
    numbers(count: string): string;
    /** How the numbers are drawn; most networks have none below zero. */
    signs(below: boolean): string;
    nearest: string;
    recommendation: string;
  };
}
