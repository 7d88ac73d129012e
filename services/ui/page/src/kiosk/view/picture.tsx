import { useEffect, useState } from "preact/hooks";
import { ownPicture } from "../../language/format";

/** A picture that takes longer is done without, until it comes. */
const PATIENCE_MS = 1_500;

interface Pictured {
  /** "none": there is none, it cannot be loaded, or it takes its time. */
  state: "waiting" | "shown" | "none";
  /** The newest last, and the one before it: that stays beneath while the newer fades in. */
  layers: string[];
  loaded: string[];
  onLoad(layer: string): void;
  onError(layer: string): void;
}

export function usePicture(url: string): Pictured {
  const source = ownPicture(url, location.origin);
  const [loaded, setLoaded] = useState<string[]>([]);
  const [failed, setFailed] = useState("");
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    const timer = setTimeout(() => setPatient(false), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  const absent = source === null || source === failed;
  const state = absent ? "none" : loaded.length > 0 ? "shown" : patient ? "waiting" : "none";
  return {
    state,
    layers: absent ? [] : [...loaded.filter((other) => other !== source), source],
    loaded,
    onLoad: (layer) => setLoaded((before) => [...before.filter((other) => other !== layer), layer].slice(-2)),
    onError: setFailed,
  };
}

export function Picture({ layers, loaded, onLoad, onError }: Pictured) {
  return (
    <span class="card-picture">
      {layers.map((layer) => (
        <img
          key={layer}
          src={layer}
          // The name stands beside it.
          alt=""
          data-loaded={loaded.includes(layer)}
          onLoad={() => onLoad(layer)}
          onError={() => onError(layer)}
        />
      ))}
    </span>
  );
}
