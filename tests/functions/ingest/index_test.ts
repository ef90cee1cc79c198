import assert from "node:assert/strict";
import { testDatabase } from "../../support/database.ts";
import { failedStart, startFunction } from "../../support/function_process.ts";
import { gzip } from "../../support/ingest_server.ts";
import { readings } from "../../support/readings.ts";
import { NOTHING, stored } from "../../support/stored.ts";

const SECRET_KEY = "sb_secret_of_the_test_bench";
const MIB = 1024 * 1024;

/** Most memory the process has held so far, in bytes; Linux only. */
async function peakMemory(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) * 1024;
}

Deno.test("the function serves with the environment that Supabase gives it, and bodies that are too large do not stay in its memory", async () => {
  await using db = await testDatabase();
  await using ingest = await startFunction("ingest", {
    SUPABASE_DB_URL: db.url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
  });
  const post = (init: RequestInit) => fetch(ingest.url, { method: "POST", ...init });
  const headers = { "content-type": "application/json" };
  const stranger = await post({ headers, body: "[]" });
  assert.equal(stranger.status, 401);
  await stranger.body?.cancel();

  const known = { ...headers, apikey: SECRET_KEY };
  const answer = await post({ headers: known, body: JSON.stringify(readings(2)) });
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).accepted, 2);
  const expected = { ...NOTHING, readings: 2, engines: 1, batches: 1 };
  assert.deepEqual(await stored(db.sql), expected);

  if (Deno.build.os === "linux") {
    const before = await peakMemory(ingest.pid);
    const bomb = await new Blob(Array(1000).fill(gzip(new Uint8Array(MIB)))).bytes();
    const chunk = new Uint8Array(MIB).fill(0x20);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => ++sent > 50 ? controller.close() : controller.enqueue(chunk),
    });
    for (const [body, encoding] of [[bomb, "gzip"], [endless, "identity"]] as const) {
      const refused = await post({ headers: { ...known, "content-encoding": encoding }, body });
      assert.equal(refused.status, 413);
      await refused.body?.cancel();
    }
    const grown = await peakMemory(ingest.pid) - before;
    // a limit of 16 MiB each, twice, and the collector's leisure; whole bodies would be 1,000 and 50 MiB
    assert.ok(grown < 100 * MIB, `the process grew by ${Math.round(grown / MIB)} MiB`);
    assert.deepEqual(await stored(db.sql), expected);
  }
});

Deno.test("a missing variable and malformed ones are named together in one message, and the exit code is 1", async () => {
  const { code, stderr } = await failedStart("ingest", {
    SUPABASE_SECRET_KEYS: "not json",
    INGEST_KEYS: "short",
  });

  assert.equal(code, 1);
  const messages = stderr.split("\n").filter((line) => line.includes("ConfigError: "));
  assert.equal(messages.length, 1);
  assert.match(
    messages[0],
    /Cannot start as the environment must be complete: DATABASE_URL is missing; INGEST_KEYS each key must have at least 16 characters; SUPABASE_SECRET_KEYS must be JSON such as \{"default":"sb_secret_…"\}$/,
  );
});
