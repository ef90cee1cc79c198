import assert from "node:assert/strict";
import { LOCAL_KEYS } from "../../../scripts/local/data_api.ts";
import { dataApiServer } from "../../support/data_api_server.ts";
import { testDatabase } from "../../support/database.ts";
import { failedStart, startFunction } from "../../support/function_process.ts";

Deno.test("the function serves with the environment that Supabase gives it", async () => {
  await using db = await testDatabase();
  await using dataApi = await dataApiServer(db.url);
  await using catalog = await startFunction("catalog", {
    SUPABASE_URL: dataApi.url,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: LOCAL_KEYS.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: LOCAL_KEYS.secret }),
  });
  const stranger = await fetch(`${catalog.url}/assets`);
  assert.equal(stranger.status, 401);
  await stranger.body?.cancel();
  const answer = await fetch(`${catalog.url}/assets?q=rul_predictions`, {
    headers: { apikey: LOCAL_KEYS.secret },
  });
  assert.deepEqual((await answer.json()).assets.map(({ name }: { name: string }) => name), [
    "rul_predictions",
  ]);
});

Deno.test("a missing address is named, and the exit code is 1", async () => {
  const { code, stderr } = await failedStart("catalog", {});
  assert.equal(code, 1);
  assert.match(stderr, /Cannot start as the environment must be complete: SUPABASE_URL is missing/);
});
