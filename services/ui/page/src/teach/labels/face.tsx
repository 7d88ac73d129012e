import { useEffect, useRef, useState } from "preact/hooks";
import { SamplePicture } from "../samples/picture";
import { useTeaching } from "../state/teaching";

/** A picture that stands for a label; asked for when it is first seen. */
export function Face({ label }: { label: number }) {
  const { faces, live, revision } = useTeaching();
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
    void faces.of(label).then((found) => wanted && setSample(found));
    return () => {
      wanted = false;
    };
  }, [seen, live, label, revision]);
  return (
    <span ref={place} class="face">
      <SamplePicture key={sample ?? 0} id={sample} alt="" />
    </span>
  );
}
