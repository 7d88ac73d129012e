import { useEffect, useState } from "preact/hooks";

/** Whether anybody can see the page: a tab behind another, or a phone in a pocket, must not keep the mirror teaching. */
export function useVisible(): boolean {
  const [visible, setVisible] = useState(document.visibilityState === "visible");
  useEffect(() => {
    const changed = () => setVisible(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", changed);
    return () => document.removeEventListener("visibilitychange", changed);
  }, []);
  return visible;
}
