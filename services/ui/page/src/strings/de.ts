import type { Strings } from "./types";

export const de: Strings = {
  title: "Smart Mirror",
  idle: "Halten Sie ein Produkt vor den Spiegel",
  idleHint: "und entdecken Sie, was dazu passt",
  looking: "Ich schaue …",
  teaching: "Ich lerne …",
  teachingHint: "Drehen Sie das Produkt ein wenig",
  recognised: "In Ihrer Hand",
  sure: (percent) => `zu ${percent} sicher`,
  spoken: (label) => `Erkannt: ${label}`,
  cards: "Empfohlene Produkte",
  preview: "Was der Spiegel sieht",
  stale: "Angebote sind vielleicht nicht mehr aktuell",
  offersAway: "Die Angebote sind gleich wieder da",
  degraded: "Einen Moment, bitte",
  away: {
    INFERENCE: "Die Erkennung macht eine Pause",
    CAMERA: "Die Kamera ist gerade nicht da",
    ACCELERATOR: "Die Erkennung ist etwas langsamer als sonst",
    PROVIDER: "Die Angebote sind nicht erreichbar",
    DATABASE: "Das Produktgedächtnis ist nicht erreichbar",
    RECOMMENDER: "Die Empfehlungen machen eine Pause",
  },
  comesBack: "Der Spiegel ist gleich von selbst wieder da",
  connecting: "Verbindung wird aufgebaut …",
  reconnecting: "Verbindung wird wiederhergestellt …",
};
