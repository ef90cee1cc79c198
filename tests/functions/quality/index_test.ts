import assert from "node:assert/strict";
import { join } from "node:path";
import { LOCAL_KEYS, startDataApi } from "../../../scripts/local/data_api.ts";
import { freePort } from "../../../scripts/local/postgres.ts";
import { testDatabase } from "../../support/database.ts";

const INDEX = join(import.meta.dirname!, "..", "..", "..", "functions", "quality", "index.ts");

/** The environment that a process cannot do without, and that is not configuration. */
function necessary(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** Asks as soon as the server listens. */
async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  for (let attempt = 0;; attempt++) {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

Deno.test("the function serves with the environment that Supabase gives it", async () => {
  await using db = await testDatabase();
  const dataApi = await startDataApi(db.url);
  const gateway = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request, info) => dataApi.fetch(request, info.remoteAddr.hostname),
  );
  const port = freePort();
  const url = `http://127.0.0.1:${port}/quality`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", INDEX],
    clearEnv: true,
    env: {
      ...necessary(),
      SUPABASE_DB_URL: db.url,
      SUPABASE_URL: `http://127.0.0.1:${gateway.addr.port}`,
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: LOCAL_KEYS.publishable }),
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: LOCAL_KEYS.secret }),
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
    },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  try {
    const stranger = await ask(`${url}/summary`);
    assert.equal(stranger.status, 401);
    await stranger.body?.cancel();

    const headers = { apikey: LOCAL_KEYS.secret };
    const run = await (await ask(`${url}/run`, { method: "POST", headers })).json();
    const { runs } = await (await ask(`${url}/runs`, { headers })).json();
    assert.deepEqual(runs, [run.run]);
  } finally {
    child.kill("SIGTERM");
    await child.stderr.cancel();
    await child.status;
    await gateway.shutdown();
    await dataApi.close();
  }
});

Deno.test("a missing address and a malformed list of keys are named in one message, and the exit code is 1", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", INDEX],
    clearEnv: true,
    env: {
      ...necessary(),
      NO_COLOR: "1",
      SUPABASE_DB_URL: "postgres://postgres@127.0.0.1/postgres",
      SUPABASE_PUBLISHABLE_KEYS: "x",
    },
  }).output();
  assert.equal(code, 1);
  assert.match(
    new TextDecoder().decode(stderr),
    /Cannot start as the environment must be complete: SUPABASE_PUBLISHABLE_KEYS must be JSON such as .*; SUPABASE_URL is missing/,
  );
});
