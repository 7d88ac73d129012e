import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCards } from "../src/teach/contract/cards";
import { newestUndoable, parseChanges, parseImported } from "../src/teach/contract/change";
import { parseCameras, parseModels } from "../src/teach/contract/device";
import { parseEvaluation } from "../src/teach/contract/evaluation";
import { parseLabels, parseSamples } from "../src/teach/contract/label";
import { parsePicture, parseVerdict } from "../src/teach/contract/verdict";
import { parseSession } from "../src/teach/session/session";

test("a label has what the server told, and nothing missing", () => {
  const [label, bare] = parseLabels({
    labels: [
      {
        id: 3,
        name: "Lemon",
        kind: "BACKGROUND",
        product_id: "4711",
        product_origin: "SAP_HYBRIS_PRODUCT",
        sample_count: 7,
        ignored_sample_count: 1,
        quality: {
          accuracy: 0.5,
          advice: ["…"],
          reasons: [
            { kind: "CONFUSED", label_id: 2, share: 0.3 },
            { kind: "MORE_VARIETY" },
            { kind: "FROM_A_NEWER_SERVER" },
          ],
        },
      },
      {},
    ],
  });
  assert.deepEqual(label, {
    id: 3,
    name: "Lemon",
    kind: "BACKGROUND",
    productId: "4711",
    productOrigin: "SAP_HYBRIS_PRODUCT",
    samples: 7,
    ignored: 1,
    quality: { accuracy: 0.5, reasons: [{ kind: "CONFUSED", labelId: 2, share: 0.3 }, { kind: "MORE_VARIETY" }] },
  });
  assert.deepEqual([bare?.name, bare?.kind, bare?.quality], ["", "PRODUCT", null]);
  assert.deepEqual(parseLabels(null), []);
});

test("samples come in pages", () => {
  const page = parseSamples({
    samples: [{ id: 9, label_id: 3, created_at: "2026-11-25T10:00:00Z" }],
    next_page_token: "x",
  });
  assert.deepEqual(page, { samples: [{ id: 9, labelId: 3, at: "2026-11-25T10:00:00Z", ignored: false }], next: "x" });
  assert.deepEqual(parseSamples({}), { samples: [], next: "" });
});

test("a verdict has its picture as a picture", async () => {
  const verdict = parseVerdict(
    JSON.stringify({
      id: 5,
      captured_at: "2026-11-25T10:00:00Z",
      recognition: {
        outcome: "KNOWN",
        label_id: 3,
        label_name: "Lemon",
        confidence: 1.5,
        candidates: [{ label_id: 3, label_name: "Lemon", score: 0.9 }],
      },
      picture: btoa("jpeg"),
    }),
  );
  assert.equal(verdict?.confidence, 1);
  assert.deepEqual(verdict?.candidates, [{ labelId: 3, name: "Lemon" }]);
  assert.equal(await verdict?.picture?.text(), "jpeg");
  assert.equal(parsePicture("not base64 !"), null);
  for (const nonsense of [
    "",
    "{}",
    '{"id":1}',
    '{"id":0,"recognition":{"outcome":"KNOWN"}}',
    '{"id":1,"recognition":{"outcome":"NEW"}}',
  ]) {
    assert.equal(parseVerdict(nonsense), null, nonsense);
  }
});

test("the newest change that can be taken back is the one that will be", () => {
  const changes = parseChanges({
    changes: [
      { id: 3, kind: "UNDO", summary: "Taken back.", undoable: false },
      { id: 2, kind: "CREATE_LABEL", summary: "Made.", undone_by: 3, undoable: false },
      { id: 1, kind: "SOMETHING_NEWER", summary: "Done.", undoable: true },
    ],
  });
  assert.deepEqual(
    changes.map(({ kind, undone }) => [kind, undone]),
    [
      ["UNDO", false],
      ["CREATE_LABEL", true],
      ["UNKNOWN", false],
    ],
  );
  assert.equal(newestUndoable(changes)?.id, 1);
  assert.equal(newestUndoable([]), null);
});

test("an evaluation counts in pictures, the worst confusion first", () => {
  const evaluation = parseEvaluation({
    accuracy: 0.96,
    evaluated_samples: 25,
    confusions: [
      { label_id: 1, recognised_label_id: 2, count: 1 },
      { label_id: 3, recognised_label_id: 2, count: 4 },
    ],
    false_reject_rate: 0.02,
  });
  assert.deepEqual([evaluation.right, evaluation.judged], [24, 25]);
  assert.deepEqual(evaluation.confusions[0], { labelId: 3, otherId: 2, count: 4 });
  assert.equal(parseEvaluation({}).judged, 0);
});

test("a device without inference still has its list", () => {
  assert.deepEqual(parseModels({ models: [{ id: "a", selected: true }], model: null }), {
    model: null,
    files: [{ id: "a", selected: true }],
  });
  assert.equal(parseModels({ model: { id: "a", accelerator: "NPU" } }).model?.accelerator, "UNKNOWN");
  assert.equal(parseCameras({ cameras: [{ id: "auto", state: "FAILED", problem: "gone" }] })[0]?.state, "FAILED");
});

test("what comes of an import, and of a question for cards", () => {
  assert.deepEqual(parseImported({ added_labels: 1, known_samples: 2 }), {
    labels: 1,
    samples: 0,
    known: 2,
    pending: 0,
    ignored: 0,
  });
  assert.deepEqual(parseCards(null), { items: [], stale: false });
  assert.equal(parseCards({ items: [{ name: "" }, { name: "Bowl" }], freshness: "STALE" }).items.length, 1);
});

test("a session is locked unless the server says otherwise", () => {
  assert.deepEqual(parseSession({ state: "OPEN", managed: true }), { state: "OPEN", managed: true });
  assert.deepEqual(parseSession({}), { state: "LOCKED", managed: false });
});
