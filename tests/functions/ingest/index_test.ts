import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "../../../scripts/local/postgres.ts";
import { testDatabase } from "../../support/database.ts";
import { gzip } from "../../support/ingest_server.ts";
import { readings } from "../../support/readings.ts";
import { NOTHING, stored } from "../../support/stored.ts";

const INDEX = join(import.meta.dirname!, "..", "..", "..", "functions", "ingest", "index.ts");
const SECRET_KEY = "sb_secret_of_the_test_bench";
const MIB = 1024 * 1024;

/** The function as Supabase starts it: a process of its own, configured by its environment alone. */
function start(env: Record<string, string>): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", INDEX],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "", ...forwarded(), ...env },
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** Where Deno keeps its cache is not part of the configuration under test. */
function forwarded(): Record<string, string> {
  const dir = Deno.env.get("DENO_DIR");
  return dir === undefined ? {} : { DENO_DIR: dir };
}

/** Posts as soon as the server listens. */
async function post(url: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> {
  for (let attempt = 0;; attempt++) {
    try {
      return await fetch(url, { method: "POST", ...init });
    } catch (error) {
      if (attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Most memory the process has held so far, in bytes; Linux only. */
async function peakMemory(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) * 1024;
}

Deno.test("the function serves with the environment that Supabase gives it, and bodies that are too large do not stay in its memory", async () => {
  await using db = await testDatabase();
  const port = freePort();
  const url = `http://127.0.0.1:${port}/ingest`;
  const child = start({
    SUPABASE_DB_URL: db.url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET_KEY }),
    DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
  });
  try {
    const headers = { "content-type": "application/json" };
    const stranger = await post(url, { headers, body: "[]" });
    assert.equal(stranger.status, 401);
    await stranger.body?.cancel();

    const known = { ...headers, apikey: SECRET_KEY };
    const answer = await post(url, { headers: known, body: JSON.stringify(readings(2)) });
    assert.equal(answer.status, 200);
    assert.equal((await answer.json()).accepted, 2);
    const expected = { ...NOTHING, readings: 2, engines: 1, batches: 1 };
    assert.deepEqual(await stored(db.sql), expected);

    if (Deno.build.os === "linux") {
      const before = await peakMemory(child.pid);
      const bomb = await new Blob(Array(1000).fill(gzip(new Uint8Array(MIB)))).bytes();
      const chunk = new Uint8Array(MIB).fill(0x20);
      let sent = 0;
      const endless = new ReadableStream<Uint8Array>({
        pull: (controller) => ++sent > 50 ? controller.close() : controller.enqueue(chunk),
      });
      for (const [body, encoding] of [[bomb, "gzip"], [endless, "identity"]] as const) {
        const refused = await post(url, { headers: { ...known, "content-encoding": encoding }, body });
        assert.equal(refused.status, 413);
        await refused.body?.cancel();
      }
      const grown = await peakMemory(child.pid) - before;
      // a limit of 16 MiB each, twice, and the collector's leisure; whole bodies would be 1,000 and 50 MiB
      assert.ok(grown < 100 * MIB, `the process grew by ${Math.round(grown / MIB)} MiB`);
      assert.deepEqual(await stored(db.sql), expected);
    }
  } finally {
    child.kill("SIGTERM");
    await child.stderr.cancel();
    await child.status;
  }
});

Deno.test("a missing variable and malformed ones are named together in one message, and the exit code is 1", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", INDEX],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: Deno.env.get("HOME") ?? "",
      ...forwarded(),
      NO_COLOR: "1",
      SUPABASE_SECRET_KEYS: "not json",
      INGEST_KEYS: "short",
    },
  }).output();

  assert.equal(code, 1);
  const messages = new TextDecoder().decode(stderr).split("\n").filter((line) =>
    line.includes("ConfigError: ")
  );
  assert.equal(messages.length, 1);
  assert.match(
    messages[0],
    /Cannot start as the environment must be complete: DATABASE_URL is missing; INGEST_KEYS each key must have at least 16 characters; SUPABASE_SECRET_KEYS must be JSON such as \{"default":"sb_secret_…"\}$/,
  );
});
