import { useRef, useState } from "preact/hooks";
import { upload } from "../api/upload";
import { Trouble } from "../api/trouble";
import { parseImported, type Imported } from "../contract/change";
import { Icon } from "../parts/icon";
import { formatShare } from "../parts/time";
import { TroubleNote } from "../parts/trouble-note";
import { useAction } from "../state/action";
import { hold } from "../state/restart";
import { useTeaching } from "../state/teaching";
import type { DataStrings } from "../../strings/teach";

export function Data() {
  const { api, language, changed } = useTeaching();
  const { strings, locale } = language;
  const words = strings.data;
  const file = useRef<HTMLInputElement>(null);
  const [sent, setSent] = useState(0);
  const [result, setResult] = useState<Imported | null>(null);
  const { busy, trouble, run } = useAction();
  const load = async (chosen: File) => {
    setSent(0);
    setResult(null);
    // Also when this view is left: it goes on.
    const release = hold();
    try {
      const imported = parseImported(await upload("/api/import", chosen, setSent));
      setResult(imported);
      // What added nothing is no change: an undo would take back the one before.
      if (imported.labels + imported.samples > 0) void changed(words.result(imported.labels, imported.samples), "IMPORT");
    } catch (error) {
      throw error instanceof Trouble ? api.failed(error) : error;
    } finally {
      release();
      // Else the same file could not be chosen again.
      if (file.current) file.current.value = "";
    }
  };
  return (
    <>
      <section class="panel">
        <h2>{words.exportTitle}</h2>
        <p>{words.exportHint}</p>
        <a class="button wide" href="/api/export" download data-export>
          {words.export}
        </a>
      </section>
      <section class="panel">
        <h2>{words.importTitle}</h2>
        <p>{words.importHint}</p>
        <input
          ref={file}
          class="spoken"
          type="file"
          accept=".zip,application/zip"
          aria-label={words.importTitle}
          tabIndex={-1}
          onChange={(event) => {
            const chosen = event.currentTarget.files?.[0];
            if (chosen) run(() => load(chosen));
          }}
        />
        <button type="button" class="button wide" data-import aria-disabled={busy} onClick={() => !busy && file.current?.click()}>
          <Icon name="file" />
          {words.choose}
        </button>
        {busy && (
          <>
            <span class="headline-bar" aria-hidden="true">
              <span style={{ transform: `scaleX(${sent.toFixed(3)})` }} />
            </span>
            {/* Not read out: it changes all the time. */}
            {sent < 1 && <p>{words.sending(formatShare(sent, locale))}</p>}
          </>
        )}
        <div role="status" data-import-state={busy ? "busy" : result ? "done" : ""}>
          {busy && sent === 1 && <p>{words.reading}</p>}
          {result && <p>{sayImported(result, words)}</p>}
        </div>
        <TroubleNote
          trouble={trouble}
          strings={strings}
          meaning={{ RESOURCE_EXHAUSTED: words.tooLarge, INVALID_ARGUMENT: words.broken }}
        />
      </section>
    </>
  );
}

/** What has come of it: what was added, then only what there is to say. */
export function sayImported({ labels, samples, known, pending, ignored }: Imported, words: DataStrings): string {
  const more = [
    known > 0 && words.known(known),
    pending > 0 && words.pending(pending),
    ignored > 0 && words.ignored(ignored),
  ];
  return [words.result(labels, samples), ...more.filter((said) => said !== false)].join(" ");
}
