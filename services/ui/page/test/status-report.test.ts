import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFrame } from "../src/status/frame";
import { mismatch, problemsOf, severityOf, untaught } from "../src/status/problems";
import { parseReport, parseTime, type Report } from "../src/status/report";

const service = { version: "1.0.0", started_at: "2026-11-25T08:00:00Z", resident_bytes: 21_000_000 };

/** Of a mirror that is well, but for the changes. */
function report(changes: object = {}): Report {
  const json = {
    at: "2026-11-25T10:00:00Z",
    ui: { ...service, streams: 3 },
    recommender: { ...service, disk_free_bytes: 20e9, state: "IDLE", degradations: [], provider: "catalogue" },
    gallery: { labels: 4, samples: 120, ignored_samples: 0, pending_samples: 0, metric_current: true },
    inference: { ...service, frames_captured: 900, frames_dropped: 0 },
    model: { id: "net", fingerprint: "9f2c", dimensions: 1280, input_width: 224, input_height: 224, accelerator: "CPU" },
    cameras: [{ id: "/dev/video0", name: "Camera", selected: true, state: "STREAMING", problem: "" }],
  };
  return parseReport(JSON.stringify({ ...json, ...changes }))!;
}

const kinds = (changes: object) => problemsOf(report(changes)).map(({ kind }) => kind);

test("a report is read whole", () => {
  const { ui, recommender, gallery, inference, model, cameras } = report();
  assert.deepEqual(ui, { version: "1.0.0", startedAt: Date.UTC(2026, 10, 25, 8), residentBytes: 21_000_000, streams: 3 });
  assert.equal(recommender?.diskFreeBytes, 20e9);
  assert.equal(recommender?.state, "IDLE");
  assert.deepEqual([gallery?.samples, gallery?.pending, gallery?.metricCurrent], [120, 0, true]);
  assert.equal(inference?.framesCaptured, 900);
  assert.equal(model?.inputWidth, 224);
  assert.deepEqual(cameras.map(({ state }) => state), ["STREAMING"]);
});

test("what is away is null, and what isn't told is empty", () => {
  const away = report({ recommender: null, gallery: null, inference: null, model: null, cameras: [] });
  assert.deepEqual([away.recommender, away.gallery, away.inference, away.model], [null, null, null, null]);
  const old = report({ recommender: { version: "0.9.0" } });
  assert.deepEqual(old.recommender?.degradations, []);
  assert.equal(old.recommender?.diskFreeBytes, null);
  assert.equal(old.recommender?.startedAt, null);
});

test("what is no report is none", () => {
  for (const data of ["", "<html>", "[]", "{}", '{"ui": null}']) assert.equal(parseReport(data), null, data);
  assert.equal(parseTime("soon"), null);
  assert.equal(parseTime(5), null);
});

test("all is well", () => {
  assert.deepEqual(kinds({}), []);
  assert.equal(severityOf(report(), []), "well");
});

test("a service that is away is a problem, told once", () => {
  assert.deepEqual(kinds({ recommender: null, gallery: null }), ["RECOMMENDER"]);
  assert.deepEqual(kinds({ inference: null, model: null, cameras: [] }), ["INFERENCE"]);
  const degradations = [{ component: "INFERENCE", message: "Away.", since: "2026-11-25T09:00:00Z" }];
  const problems = problemsOf(report({ inference: null, recommender: { version: "1.0.0", degradations } }));
  assert.deepEqual(problems, [{ kind: "INFERENCE", message: "Away.", since: Date.UTC(2026, 10, 25, 9) }]);
});

test("a camera that failed is a problem only where it is the one in use", () => {
  const camera = { id: "/dev/video0", name: "", selected: true, state: "FAILED", problem: "busy" };
  assert.deepEqual(problemsOf(report({ cameras: [camera] })), [{ kind: "CAMERA", message: "busy", since: null }]);
  assert.deepEqual(kinds({ cameras: [{ ...camera, selected: false }] }), []);
});

test("a full disk is told, one that isn't told is not", () => {
  assert.deepEqual(kinds({ recommender: { version: "1.0.0", disk_free_bytes: 0 } }), ["DISK"]);
  assert.deepEqual(kinds({ recommender: { version: "1.0.0", disk_free_bytes: 499_999_999 } }), ["DISK"]);
  assert.deepEqual(kinds({ recommender: { version: "1.0.0", disk_free_bytes: 500_000_000 } }), []);
  assert.deepEqual(kinds({ recommender: { version: "1.0.0" } }), []);
});

test("versions are compared among those that are there", () => {
  assert.equal(mismatch({ ui: "1", recommender: "1", inference: null }), "");
  assert.equal(mismatch({ ui: "1", recommender: "2", inference: "1" }), "ui 1, recommender 2, inference 1");
  assert.equal(mismatch({ ui: "1", recommender: "", inference: "1" }), "");
});

test("the gravest comes first, and what this page doesn't know is told all the same", () => {
  const degradations = ["SPECTROSCOPE", "PROVIDER", "CAMERA"].map((component) => ({ component, message: "Oh." }));
  const problems = problemsOf(report({ recommender: { version: "1.0.0", degradations } }));
  assert.deepEqual(problems.map(({ kind }) => kind), ["CAMERA", "PROVIDER", "OTHER"]);
  assert.equal(problems.at(-1)?.message, "SPECTROSCOPE: Oh.");
});

test("how grave it is depends on whether anything is recognised", () => {
  const severity = (component: string, state: string) => {
    const found = report({ recommender: { version: "1.0.0", state, degradations: [{ component, message: "" }] } });
    return severityOf(found, problemsOf(found));
  };
  assert.equal(severity("PROVIDER", "RECOGNISED"), "limited");
  assert.equal(severity("CAMERA", "DEGRADED"), "down");
  // Read-only, or unreadable.
  assert.equal(severity("DATABASE", "IDLE"), "limited");
  assert.equal(severity("DATABASE", "DEGRADED"), "down");
});

test("a mirror without samples is untaught, unless they are being learnt", () => {
  assert.equal(untaught(report()), false);
  assert.equal(untaught(report({ gallery: null })), false);
  assert.equal(untaught(report({ gallery: { samples: 0, pending_samples: 0 } })), true);
  assert.equal(untaught(report({ gallery: { samples: 0, pending_samples: 7 } })), false);
});

test("a frame's latencies are milliseconds, with their sum", () => {
  const timings = { decode_us: 3000, wait_us: 500, resize_us: 700, embed_us: 30_000 };
  const frame = parseFrame(JSON.stringify({ timings, classify_us: 200, sharpness: 5, motion: 0.1, source: "x", frames_dropped: 4 }));
  assert.deepEqual(frame?.latencies.map((value) => Math.round(value * 10) / 10), [3, 0.5, 0.7, 30, 0.2, 34.4]);
  assert.equal(frame?.dropped, 4);
  assert.equal(parseFrame(JSON.stringify({ timings }))?.dropped, null);
  assert.equal(parseFrame("{}"), null);
});
