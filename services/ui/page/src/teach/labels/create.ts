import { parseLabel, type Label } from "../contract/label";
import { useTeaching } from "../state/teaching";

/** Makes labels. One that was just made is in the list at once: nothing is to say that it isn't there. */
export function useLabelMaker() {
  const { api, labels, changed } = useTeaching();
  const make = async (fields: object): Promise<Label> => {
    const made = parseLabel(await api.post("/api/labels", fields));
    labels.edit((all) => [...all.filter(({ id }) => id !== made.id), made]);
    return made;
  };
  /** A label of that name, and something put into it. */
  const makeFor = async (name: string, put: (label: Label) => Promise<void>): Promise<void> => {
    const label = await make({ name });
    try {
      await put(label);
    } catch (error) {
      // The label is there in any case: it must not be offered as a new one again.
      void changed();
      throw error;
    }
  };
  return { make, makeFor };
}
