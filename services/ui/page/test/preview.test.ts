import assert from "node:assert/strict";
import { test } from "node:test";
import { runPreview } from "../src/server/preview";

const picture = (id: string) => () => new Response("jpeg", { headers: { "X-Frame-Id": id } });
const nothing = () => new Response(null, { status: 204 });
const refused = () => new Response(null, { status: 403 });
const away = () => new Response(null, { status: 503 });

/** Runs the loop against the given answers, one after the other; returns what it asked, drew and waited. */
async function watch(...answers: (() => Response)[]) {
  const stop = new AbortController();
  const asked: string[] = [];
  const seen: string[] = [];
  const waited: number[] = [];
  await runPreview({
    width: 320,
    signal: stop.signal,
    draw: async () => void seen.push("drawn"),
    live: (live) => void seen.push(live ? "live" : "stale"),
    refused: () => void seen.push("refused"),
    fetch: async (url) => {
      asked.push(new URL(String(url), "http://mirror").searchParams.get("after") ?? "");
      const answer = answers.shift();
      if (!answer) throw new TypeError("out of reach");
      return answer();
    },
    sleep: async (ms) => {
      waited.push(ms);
      if (answers.length === 0) stop.abort();
    },
  });
  return { asked, seen, waited };
}

test("each request asks for a picture newer than the last", async () => {
  const { asked, seen } = await watch(picture("7"), picture("9"), picture("12"));
  assert.deepEqual(asked, ["0", "7", "9"]);
  assert.deepEqual(seen, ["drawn", "live", "drawn", "live", "drawn", "live"]);
});

test("when none comes, the numbering may have started over", async () => {
  const { asked, seen } = await watch(picture("900"), nothing, picture("3"), picture("4"));
  assert.deepEqual(asked, ["0", "900", "0", "3"]);
  assert.deepEqual(seen, ["drawn", "live", "stale", "drawn", "live", "drawn", "live"]);
});

test("the last picture of a stopped camera is not taken for a new one", async () => {
  const { seen } = await watch(picture("5"), nothing, picture("5"));
  assert.deepEqual(seen, ["drawn", "live", "stale", "stale"]);
});

test("faults are met with longer and longer waits, a picture ends them", async () => {
  const { waited } = await watch(away, away, away, picture("1"), away);
  assert.ok(waited[0]! < waited[1]! && waited[1]! < waited[2]!, String(waited));
  assert.ok(waited[3]! <= 100 && waited[4]! < waited[1]!, String(waited));
});

test("a refusal is not asked about again", async () => {
  const { asked, seen, waited } = await watch(refused, picture("1"));
  assert.equal(asked.length, 1);
  assert.deepEqual(seen, ["stale", "refused"]);
  assert.deepEqual(waited, []);
});

test("a picture that is drawn too late is not called live", async () => {
  const stop = new AbortController();
  const seen: boolean[] = [];
  await runPreview({
    width: 320,
    signal: stop.signal,
    draw: async () => stop.abort(),
    live: (live) => void seen.push(live),
    fetch: async () => picture("1")(),
  });
  assert.deepEqual(seen, []);
});
