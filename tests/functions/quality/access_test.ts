/** Who may ask the quality function for what. */

import assert from "node:assert/strict";
import { LOCAL_KEYS } from "../../../scripts/local/data_api.ts";
import { connect } from "../../../shared/database.ts";
import { freePort } from "../../../scripts/local/postgres.ts";
import { problem } from "../../support/ingest_server.ts";
import {
  PUBLISHABLE,
  type QualityServer,
  qualityServer,
  SECRET,
  SENDER,
} from "../../support/quality_server.ts";
import { recordRun } from "../../support/quality.ts";

/** What everybody who may read anything may read. */
const READS = [
  "/summary",
  "/engines",
  "/engines/ENGINE_001",
  "/metrics",
  "/metrics?engine=ENGINE_001",
  "/drift",
  "/drift?engine=ENGINE_001",
  "/runs",
  "/alerts",
  "/engines/ENGINE_001/health",
  "/fleet",
  "/fleet/engines",
  "/engines/ENGINE_001/series",
  "/arrivals",
  "/retraining",
  "/anomalies",
  "/anomalies/episodes",
  "/engines/ENGINE_001/anomalies",
  "/predictions",
  "/predictions?engine=ENGINE_001",
  "/predictions/latest",
  "/engines/ENGINE_001/predictions",
  "/history",
  "/pipelines",
  "/pipelines/hourly/runs",
];
const WRITES = [
  "/run",
  "/alerts/1/ack",
  "/dead-letters/replay",
  "/dead-letters/1/correction",
  "/predictions",
  "/pipelines/hourly/backfill",
  "/pipelines/hourly/runs/1/rerun",
  "/pipelines/hourly/runs/1/cancel",
];

async function withEngine(server: QualityServer): Promise<void> {
  await server.db.sql`insert into public.engines (unit_number) values ('ENGINE_001')`;
  await recordRun(server.db.sql, 1, [{ metric: "volume" }, { metric: "stuck", engine: "ENGINE_001" }]);
}

Deno.test("without a key nothing is read and nothing is written", async () => {
  await using server = await qualityServer();
  for (const path of [...READS, "/dead-letters"]) {
    const { status, body, headers } = await server.get(path, {});
    assert.equal(status, 401, path);
    assert.deepEqual(body, {
      ...problem(401, "unauthorized", "A valid key is needed"),
      detail: "Cannot answer as the request must carry a key: apikey with a secret key of the project, or " +
        "Authorization: Bearer with the token of a signed-in user",
    });
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.equal(headers.get("www-authenticate"), "Bearer");
  }
  for (const path of WRITES) assert.equal((await server.post(path, {}, {})).status, 401, path);
});

Deno.test("the publishable key alone reads nothing, and is told so instead of being shown an empty list", async () => {
  await using server = await qualityServer();
  await withEngine(server);
  const bearer = { authorization: `Bearer ${LOCAL_KEYS.publishable}` };
  for (const headers of [PUBLISHABLE, bearer, { ...PUBLISHABLE, ...bearer }]) {
    for (const path of [...READS, "/dead-letters"]) {
      const { status, body } = await server.get(path, headers);
      assert.equal(status, 403, path);
      assert.equal(body.type, "urn:spool:problem:forbidden");
      assert.match(body.detail, /^Cannot read as the caller must have the right to: permission denied for /);
    }
    for (const path of WRITES) assert.equal((await server.post(path, {}, headers)).status, 401, path);
  }
});

Deno.test("a signed-in user reads results but no dead letters, with or without the publishable key", async () => {
  await using server = await qualityServer();
  await withEngine(server);
  const user = { authorization: `Bearer ${await server.userToken()}` };
  for (const headers of [user, { ...PUBLISHABLE, ...user }]) {
    for (const path of READS) {
      const { status, body } = await server.get(path, headers);
      assert.equal(status, 200, `${path} ${JSON.stringify(body)}`);
    }
    assert.equal((await server.get("/metrics", headers)).body.metrics.length, 2);
    const { status, body } = await server.get("/dead-letters", headers);
    assert.equal(status, 403);
    assert.match(body.detail, /permission denied for dead_letters/);
    for (const path of WRITES) assert.equal((await server.post(path, {}, headers)).status, 401, path);
  }
});

Deno.test("what is classified higher than a user's clearance is 403, and what is empty is an empty list", async () => {
  await using server = await qualityServer();
  await withEngine(server);
  const { sql } = server.db;
  const user = { authorization: `Bearer ${await server.userToken()}` };
  // nothing is there yet, and the user may know it
  assert.deepEqual((await server.get("/alerts", user)).body, { alerts: [], next: null });
  for (
    const [asset, paths] of [
      ["alerts", ["/alerts"]],
      ["check_runs", ["/runs"]],
      ["data_quality_metrics", ["/metrics", "/summary"]],
      ["engine_health", ["/engines", "/engines/ENGINE_001"]],
      ["engines", ["/metrics?engine=ENGINE_001", "/drift?engine=ENGINE_001"]],
    ] as const
  ) {
    await sql`update data_assets set classification = 'confidential' where name = ${asset}`;
    for (const path of paths) {
      const { status, body } = await server.get(path, user);
      assert.equal(status, 403, `${path} ${JSON.stringify(body)}`);
      assert.match(body.detail, new RegExp(`permission denied for ${asset}\\. `));
      assert.equal((await server.get(path)).status, 200, path); // a secret key
    }
    await sql`update data_assets set classification = 'internal' where name = ${asset}`;
  }
});

Deno.test("a secret key reads everything, as apikey or as bearer, and whatever else comes with it", async () => {
  await using server = await qualityServer();
  await withEngine(server);
  const bearer = { authorization: `Bearer ${LOCAL_KEYS.secret}` };
  for (const headers of [SECRET, bearer, { ...PUBLISHABLE, ...bearer }, { ...SECRET, ...SENDER }]) {
    for (const path of [...READS, "/dead-letters"]) {
      const { status, body } = await server.get(path, headers);
      assert.equal(status, 200, `${path} ${JSON.stringify(body)}`);
    }
  }
});

Deno.test("a key or token that nobody knows is 401, a sender's key too: it reads nothing", async () => {
  await using server = await qualityServer();
  const token = await server.userToken();
  const callers: Record<string, string>[] = [
    { apikey: "sb_secret_of_somebody_else" },
    SENDER,
    { authorization: "Bearer aaa.bbb.ccc" },
    { ...PUBLISHABLE, authorization: `Bearer ${token.slice(0, -4)}AAAA` },
    { apikey: "sb_secret_of_somebody_else", authorization: `Bearer ${token}` },
  ];
  for (const headers of callers) {
    const { status, body } = await server.get("/summary", headers);
    assert.equal(status, 401, JSON.stringify({ headers, body }));
    assert.match(body.detail, /^Cannot answer as the key or token must be a valid one: /);
  }
});

Deno.test("keys and tokens reach the Data API as the ones they are, the older keys of a project among them", async () => {
  const received: (string | null)[][] = [];
  await using dataApi = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ headers }) => {
    received.push([headers.get("apikey"), headers.get("authorization")]);
    return Response.json([]);
  });
  await using server = await qualityServer({ dataApiUrl: `http://127.0.0.1:${dataApi.addr.port}` });
  const publishable = LOCAL_KEYS.publishable;
  const user = "user.of.project";
  const anon = "anon.of.project";
  const cases: [Record<string, string>, string, string][] = [
    [{ apikey: publishable, authorization: `Bearer ${user}` }, publishable, user],
    [{ authorization: `Bearer ${user}` }, publishable, user],
    [{ apikey: anon, authorization: `Bearer ${user}` }, anon, user],
    [{ apikey: anon, authorization: `Bearer ${anon}` }, publishable, anon],
    [{ ...SECRET, authorization: `Bearer ${user}` }, SECRET.apikey, SECRET.apikey],
  ];
  for (const [headers, key, token] of cases) {
    assert.equal((await server.get("/summary", headers)).status, 200);
    assert.deepEqual(received.pop(), [key, `Bearer ${token}`], JSON.stringify(headers));
  }
});

Deno.test("when the Data API is away it is 503 with Retry-After, at once", async () => {
  await using server = await qualityServer({ dataApiUrl: `http://127.0.0.1:${freePort()}` });
  const started = performance.now();
  const { status, body, headers } = await server.get("/summary");
  assert.equal(status, 503);
  assert.equal(body.detail, "Nothing was changed: send the same request again");
  assert.equal(headers.get("retry-after"), "5");
  assert.ok(performance.now() - started < 1000);
});

Deno.test("what PostgREST and its database answer when they are busy or away is 503, too", async () => {
  for (
    const [status, code] of [
      [503, "PGRST000"],
      [504, "PGRST003"],
      [500, "57014"],
      [400, "55P03"],
      [502, undefined],
    ] as const
  ) {
    await using dataApi = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => Response.json({ message: "not now", code }, { status }),
    );
    await using server = await qualityServer({ dataApiUrl: `http://127.0.0.1:${dataApi.addr.port}` });
    assert.equal((await server.get("/summary")).status, 503, `${status} ${code}`);
  }
});

Deno.test("an answer nobody foresaw is 500 without its details", async () => {
  await using dataApi = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => Response.json({ message: "a secret of the schema", code: "PGRST205" }, { status: 404 }),
  );
  await using server = await qualityServer({ dataApiUrl: `http://127.0.0.1:${dataApi.addr.port}` });
  // deno-lint-ignore no-console
  const log = console.error;
  const logged: unknown[] = [];
  // deno-lint-ignore no-console
  console.error = (error) => logged.push(error);
  try {
    const { status, body } = await server.get("/summary");
    assert.equal(status, 500);
    assert.equal(body.detail, "The error is in the function's log");
    assert.match(String(logged[0]), /the Data API answered 404 PGRST205: a secret of the schema/);
  } finally {
    // deno-lint-ignore no-console
    console.error = log;
  }
});

Deno.test("when Postgres is away writing is 503 and says that it may have taken effect", async () => {
  const away = connect(`postgres://postgres@127.0.0.1:${freePort()}/postgres`, 1);
  await using server = await qualityServer({ sql: away });
  for (const path of ["/run", "/dead-letters/replay"]) {
    const { status, body, headers } = await server.post(path, {});
    assert.equal(status, 503);
    assert.equal(
      body.detail,
      "What was asked for takes effect whole or not at all, and whether it did is not certain: send the same request again",
    );
    assert.equal(headers.get("retry-after"), "5");
  }
  await away.end();
});
