import { useEffect, useState } from "preact/hooks";

interface Props {
  words: string;
  /** Only what has held for so long is said: all else would be a stammer. */
  steadyMs: number;
}

/** Words that change all the time, for those who hear them. */
export function Spoken({ words, steadyMs }: Props) {
  const [steady, setSteady] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSteady(words), steadyMs);
    return () => clearTimeout(timer);
  }, [words, steadyMs]);
  return (
    <p class="spoken" aria-live="polite">
      {steady}
    </p>
  );
}
