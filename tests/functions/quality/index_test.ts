import assert from "node:assert/strict";
import { LOCAL_KEYS, startDataApi } from "../../../scripts/local/data_api.ts";
import { testDatabase } from "../../support/database.ts";
import { failedStart, startFunction } from "../../support/function_process.ts";

Deno.test("the function serves with the environment that Supabase gives it", async () => {
  await using db = await testDatabase();
  const dataApi = await startDataApi(db.url);
  const gateway = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request, info) => dataApi.fetch(request, info.remoteAddr.hostname),
  );
  const quality = await startFunction("quality", {
    SUPABASE_DB_URL: db.url,
    SUPABASE_URL: `http://127.0.0.1:${gateway.addr.port}`,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: LOCAL_KEYS.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: LOCAL_KEYS.secret }),
  });
  const { url } = quality;
  try {
    const stranger = await fetch(`${url}/summary`);
    assert.equal(stranger.status, 401);
    await stranger.body?.cancel();

    const headers = { apikey: LOCAL_KEYS.secret };
    const run = await (await fetch(`${url}/run`, { method: "POST", headers })).json();
    const { runs } = await (await fetch(`${url}/runs`, { headers })).json();
    assert.deepEqual(runs, [run.run]);
  } finally {
    await quality.kill("SIGTERM");
    await gateway.shutdown();
    await dataApi.close();
  }
});

Deno.test("a missing address and a malformed list of keys are named in one message, and the exit code is 1", async () => {
  const { code, stderr } = await failedStart("quality", {
    SUPABASE_DB_URL: "postgres://postgres@127.0.0.1/postgres",
    SUPABASE_PUBLISHABLE_KEYS: "x",
  });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /Cannot start as the environment must be complete: SUPABASE_PUBLISHABLE_KEYS must be JSON such as .*; SUPABASE_URL is missing/,
  );
});
