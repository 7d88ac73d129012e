import type { SpaceStrings } from "../space";

export const deSpace: SpaceStrings = {
  title: "Merkmalsraum · Smart Mirror",
  heading: "Jeder Punkt ist ein Bild, das dieser Spiegel gelernt hat",
  howToRead:
    "Was für den Spiegel ähnlich aussieht, liegt nah beieinander. Der weiße Punkt ist, was die Kamera gerade sieht: in der Kugel, wenn der Spiegel es erkennt, außerhalb, wenn nicht.",
  labels: (count, formatted) => `${formatted} ${count === 1 ? "Begriff" : "Begriffe"}`,
  samples: (count, formatted) => `${formatted} ${count === 1 ? "Bild" : "Bilder"}`,
  part: (shown, all) => `${shown} von ${all} Bildern zu sehen`,
  explained: (percent) => `Diese drei Achsen zeigen ${percent} der Unterschiede`,
  unknown: "Nicht bekannt: außerhalb",
  spoken: (label) => `Erkannt: ${label}`,
  picture: (labels) => `Der Merkmalsraum in drei Dimensionen: ${labels}`,
  legend: "Begriffe und ihre Bilder",
  empty: "Noch nichts gelernt",
  emptyHint: "Jedes Bild eines gelernten Produkts erscheint hier als Punkt",
  flat: "Eine einfachere Darstellung, da dieser Browser keine 3D-Grafik hat",
  turn: "Ziehen oder Pfeiltasten drehen, + und − zoomen",
  touch: "Ziehen zum Drehen, zwei Finger zum Zoomen",
  back: "Zum Spiegel",
  connecting: "Verbindung wird aufgebaut …",
  reconnecting: "Verbindung wird wiederhergestellt …",
  silent: "Der Spiegel erkennt gerade nichts. Es geht von selbst weiter.",
};
