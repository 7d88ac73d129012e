import assert from "node:assert/strict";
import { test } from "node:test";
import { ownChange, parseChanges } from "../src/teach/contract/change";

const changes = (...kinds: string[]) =>
  parseChanges({ changes: kinds.map((kind, n) => ({ id: 9 - n, kind, undoable: kind !== "UNDO" })) });

test("an undo is offered of one's own change only", () => {
  assert.equal(ownChange(changes("DELETE_SAMPLE", "ADD_SAMPLES"), "DELETE_SAMPLE")?.id, 9);
  assert.equal(ownChange(changes("ADD_SAMPLES", "DELETE_SAMPLE"), "DELETE_SAMPLE"), null, "another phone was faster");
  assert.equal(ownChange(changes("UNDO", "DELETE_SAMPLE"), "DELETE_SAMPLE"), null, "and took something back");
  assert.equal(ownChange([], "DELETE_SAMPLE"), null);
});
