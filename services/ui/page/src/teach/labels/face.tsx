import { useEffect, useRef, useState } from "preact/hooks";
import { SamplePicture } from "../samples/picture";
import { useTeaching } from "../state/teaching";

/** What didn't come is asked for again after this long. */
const AGAIN_MS = 5_000;

/** A picture that stands for a label; asked for when it is first seen. */
export function Face({ label }: { label: number }) {
  const { faces, live, revision, labels } = useTeaching();
  const samples = labels.value?.find(({ id }) => id === label)?.samples ?? 0;
  const place = useRef<HTMLSpanElement>(null);
  const [seen, setSeen] = useState(false);
  const [sample, setSample] = useState<number | null>(null);
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setSeen(true));
    if (place.current) watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (!seen || !live) return;
    let wanted = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const found = await faces.of(label, samples);
      if (!wanted) return;
      if (found === undefined) timer = setTimeout(() => void ask(), AGAIN_MS);
      else setSample(found);
    };
    void ask();
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [seen, live, label, samples, revision]);
  return (
    <span ref={place} class="face">
      <SamplePicture key={sample ?? 0} id={sample} alt="" />
    </span>
  );
}
