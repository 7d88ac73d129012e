import { useState } from "preact/hooks";
import { initial, ownPicture } from "../../language/format";

/** The picture; its product's initial where there is none, it cannot be loaded, or it takes its time. */
export function Picture({ url, name }: { url: string; name: string }) {
  const source = ownPicture(url, location.origin);
  // The newest last, and the one before it: that stays beneath while the newer fades in.
  const [loaded, setLoaded] = useState<string[]>([]);
  const [failed, setFailed] = useState("");
  const absent = source === null || source === failed;
  const picture = absent ? "failed" : loaded.length > 0 ? "shown" : "waiting";
  const layers = absent ? [] : [...loaded.filter((other) => other !== source), source];
  return (
    <span class="card-picture" data-picture={picture}>
      <span class="card-initial" aria-hidden="true">
        {initial(name)}
      </span>
      {layers.map((layer) => (
        <img
          key={layer}
          src={layer}
          // The name stands beside it.
          alt=""
          data-loaded={loaded.includes(layer)}
          onLoad={() => setLoaded((before) => [...before.filter((other) => other !== layer), layer].slice(-2))}
          onError={() => setFailed(layer)}
        />
      ))}
    </span>
  );
}
