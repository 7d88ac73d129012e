import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { Interaction } from "../src/kiosk/feedback";
import { send } from "../src/kiosk/interactions";

const touched: Interaction = { kind: "CLICK", labelId: 3, productIds: ["CAP-210"] };

test("an interaction is sent as JSON that outlives the page", async (t) => {
  const fetched = mock.fn((..._: Parameters<typeof fetch>) => Promise.resolve(new Response(null, { status: 503 })));
  t.mock.method(globalThis, "fetch", fetched);
  send(touched);
  const [url, request] = fetched.mock.calls[0]!.arguments;
  assert.equal(url, "/interactions");
  assert.equal(request?.method, "POST");
  assert.equal(request?.keepalive, true);
  assert.equal(new Headers(request?.headers).get("content-type"), "application/json");
  assert.deepEqual(JSON.parse(String(request?.body)), { kind: "CLICK", label_id: 3, product_ids: ["CAP-210"] });
});

test("what can't be sent disturbs nobody and is not sent again", async (t) => {
  const fetched = mock.fn(() => Promise.reject(new TypeError("out of reach")));
  t.mock.method(globalThis, "fetch", fetched);
  // Node ends a test with a failure when a promise is rejected and nobody cares.
  send(touched);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(fetched.mock.callCount(), 1);
});
