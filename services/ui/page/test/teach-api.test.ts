import assert from "node:assert/strict";
import { test } from "node:test";
import { Api } from "../src/teach/api/api";
import { linesOf } from "../src/teach/api/lines";
import { passes, Trouble, troubleFrom, troubleOf } from "../src/teach/api/trouble";

async function* pieces(...texts: (string | Uint8Array)[]) {
  for (const text of texts) yield typeof text === "string" ? new TextEncoder().encode(text) : text;
}

async function lines(...texts: (string | Uint8Array)[]): Promise<string[]> {
  const found: string[] = [];
  for await (const line of linesOf(pieces(...texts))) found.push(line);
  return found;
}

test("a line is told when it is whole, wherever the pieces are cut", async () => {
  assert.deepEqual(await lines('{"a":1}\n{"b', '":2}\n', "\n", '{"c":3}'), ['{"a":1}', '{"b":2}', '{"c":3}']);
  const umlaut = new TextEncoder().encode("ä\n");
  assert.deepEqual(await lines(umlaut.slice(0, 1), umlaut.slice(1)), ["ä"]);
  assert.deepEqual(await lines(), []);
});

test("an error is what its code says, else what its status does", () => {
  assert.equal(troubleOf(409, { code: "ALREADY_EXISTS", error: "name: taken" }, null).code, "ALREADY_EXISTS");
  assert.equal(troubleOf(409, { code: "ALREADY_EXISTS", error: "name: taken" }, null).sentence, "name: taken");
  assert.equal(troubleOf(502, { code: "INTERNAL", error: "" }, null).code, "OTHER");
  assert.equal(troubleOf(408, { code: "DEADLINE_EXCEEDED", error: "" }, null).code, "TIMEOUT");
  assert.equal(troubleOf(401, null, null).code, "UNAUTHENTICATED");
  assert.equal(troubleOf(502, "<html>", null).code, "UNAVAILABLE");
  assert.equal(troubleOf(418, null, null).code, "OTHER");
});

test("too many attempts say how long to wait, with any code", () => {
  const trouble = troubleOf(429, { code: "RESOURCE_EXHAUSTED", error: "" }, "42");
  assert.deepEqual([trouble.code, trouble.waitS], ["TOO_MANY", 42]);
  assert.ok(troubleOf(429, null, null).waitS > 0);
  assert.ok(troubleOf(429, null, "Wed, 21 Oct 2026 07:28:00 GMT").waitS > 0);
});

test("what the page gave up itself is no trouble", () => {
  assert.equal(troubleFrom(new DOMException("", "AbortError")), null);
  assert.equal(troubleFrom(new DOMException("", "TimeoutError"))?.code, "TIMEOUT");
  assert.equal(troubleFrom(new TypeError("fetch failed"))?.code, "OFFLINE");
});

test("only what passes by itself is tried again", () => {
  assert.ok(passes(new Trouble("UNAVAILABLE")) && passes(new Trouble("OFFLINE")));
  assert.ok(!passes(new Trouble("NOT_FOUND")) && !passes(new Trouble("UNAUTHENTICATED")));
});

function answering(status: number, body: unknown, asked: string[] = []) {
  return new Api((input, init) => {
    asked.push(`${init?.method} ${String(input)} ${String(init?.body ?? "")}`);
    return Promise.resolve(status === 204 ? new Response(null, { status }) : Response.json(body, { status }));
  });
}

test("a 401 locks the page, but a wrong PIN does not", async () => {
  const api = answering(401, { code: "UNAUTHENTICATED", error: "" });
  let locked = 0;
  api.onLocked = () => {
    locked += 1;
  };
  await assert.rejects(api.post("/api/session", { pin: "1" }), { code: "UNAUTHENTICATED" });
  await assert.rejects(api.post("/api/pin", { code: "A", pin: "1" }), { code: "UNAUTHENTICATED" });
  assert.equal(locked, 0);
  await assert.rejects(api.put("/api/pin", { pin: "1", new_pin: "2" }), { code: "UNAUTHENTICATED" });
  assert.equal(locked, 1);
  await assert.rejects(api.get("/api/labels"), { code: "UNAUTHENTICATED" });
  assert.equal(locked, 2);
});

test("requests that change something have a JSON body, and an empty answer is none", async () => {
  const asked: string[] = [];
  const api = answering(204, null, asked);
  assert.equal(await api.delete("/api/samples/3"), null);
  await api.post("/api/undo");
  await api.get("/api/labels");
  assert.deepEqual(asked, ["DELETE /api/samples/3 {}", "POST /api/undo {}", "GET /api/labels "]);
});
