import assert from "node:assert/strict";
import { freePort } from "../../scripts/local/postgres.ts";
import { LOCAL_KEYS } from "../../scripts/local/data_api.ts";
import { connect } from "../../shared/database.ts";
import { addHealthEndpoints, dataApiProbe, databaseProbe, type Probe } from "../../shared/health.ts";
import { functionApp } from "../../shared/http.ts";
import { KeyRing } from "../../shared/keys.ts";
import { VERSION } from "../../shared/version.ts";
import { dataApiServer } from "../support/data_api_server.ts";
import { testDatabase } from "../support/database.ts";

function appWith(probes: readonly Probe[]) {
  const app = functionApp("things");
  addHealthEndpoints(app, probes);
  return async (path: string, method = "GET") => {
    const response = await app.request(`http://localhost/things/health/${path}`, { method });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
}

async function versionIs(sql: ReturnType<typeof connect>, version: string): Promise<void> {
  await sql.unsafe(
    `create or replace function public.spool_version() returns text language sql immutable as $$ select '${version}' $$`,
  );
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("with its database a function is ready, and needs no key to say so", async () => {
  await using db = await testDatabase();
  const get = appWith([databaseProbe(db.sql)]);
  const { status, body } = await get("ready");
  assert.deepEqual([status, body], [200, { status: "ready", version: VERSION }]);
  assert.deepEqual((await get("live")).body, { status: "live" });
  assert.equal((await get("ready", "POST")).status, 405);
});

Deno.test("without its database a function lives and is not ready, and says nothing of where the database is", async () => {
  const port = freePort();
  const sql = connect(`postgres://somebody:a-secret@127.0.0.1:${port}/postgres`, 1);
  const get = appWith([databaseProbe(sql)]);
  const { status, headers, body } = await get("ready");
  assert.deepEqual([status, headers.get("retry-after")], [503, "1"]);
  assert.equal(body.type, "urn:spool:problem:not-ready");
  assert.deepEqual(body.reasons, ["The database does not answer"]);
  assert.equal(body.request_id, headers.get("x-request-id"));
  assert.ok(!JSON.stringify(body).includes(String(port)) && !JSON.stringify(body).includes("a-secret"));
  assert.equal((await get("live")).status, 200);
  await sql.end();
});

Deno.test("a database of an older version is not ready, one of a newer version is, and one without a schema says so", async () => {
  await using db = await testDatabase();
  const reasons = async () => (await appWith([databaseProbe(db.sql)])("ready")).body.reasons;
  const [major, minor] = VERSION.split(".").map(Number);
  await versionIs(db.sql, `${major}.${minor - 1}.99`);
  assert.match((await reasons())[0], new RegExp(`must have version ${VERSION} or later: current value is `));
  // by number, not by letter
  await versionIs(db.sql, `${major}.${minor + 10}.0`);
  assert.equal(await reasons(), undefined);
  await db.sql`drop function public.spool_version() cascade`;
  assert.match((await reasons())[0], /has no schema/);
});

Deno.test("through the Data API the same is known: ready, too old, no schema, away", async () => {
  await using db = await testDatabase();
  await using dataApi = await dataApiServer(db.url);
  const access = (url: string) => ({
    url,
    publishableKey: LOCAL_KEYS.publishable,
    secretKeys: new KeyRing([]),
  });
  const ready = (url = dataApi.url) => appWith([dataApiProbe(access(url))])("ready");
  assert.equal((await ready()).status, 200);
  await versionIs(db.sql, "0.0.1");
  assert.match((await ready()).body.reasons[0], /current value is 0\.0\.1/);
  assert.deepEqual((await ready(`http://127.0.0.1:${freePort()}`)).body.reasons, [
    "The Data API does not answer",
  ]);
});

Deno.test("however fast it is asked, the database hears of it once a second and never twice at a time", async () => {
  let asked = 0;
  let answer = Promise.withResolvers<string | undefined>();
  const get = appWith([() => {
    asked++;
    return answer.promise;
  }]);
  const many = Array.from({ length: 50 }, () => get("ready"));
  await pause(1100); // longer than an answer is kept: a slow one is not asked for again
  const later = get("ready");
  answer.resolve("It is away");
  for (const { status } of await Promise.all([...many, later])) assert.equal(status, 503);
  assert.equal(asked, 1);
  answer = Promise.withResolvers();
  answer.resolve(undefined);
  assert.equal((await get("ready")).status, 503);
  await pause(1100);
  assert.equal((await get("ready")).status, 200);
  assert.equal(asked, 2);
});

Deno.test("what does not answer in time is away, and what else is missing is told beside it", async () => {
  const get = appWith([() => new Promise(() => {}), () => Promise.resolve("It is missing")]);
  assert.deepEqual((await get("ready")).body.reasons, [
    "There was no answer within 3 s",
    "It is missing",
  ]);
});
