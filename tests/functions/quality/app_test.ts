import assert from "node:assert/strict";
import type postgres from "postgres";
import { storeBatch } from "../../../shared/intake.ts";
import { Answer, Engine } from "../../../functions/quality/rows.ts";
import { answerOf, KEY, problem } from "../../support/ingest_server.ts";
import { type QualityServer, qualityServer, SECRET } from "../../support/quality_server.ts";
import { recordRun } from "../../support/quality.ts";
import { candidates, reading } from "../../support/readings.ts";

const ORIGIN = { source: "ingest", reference: null } as const;
const HOUR_MS = 3_600_000;

function hoursAgo(hours: number): string {
  return new Date(Date.now() - hours * HOUR_MS).toISOString();
}

async function engines(sql: postgres.Sql, ...unitNumbers: string[]): Promise<void> {
  await sql`insert into public.engines (unit_number) select unnest(${unitNumbers}::text[])`;
}

/** The view's rows as the JSON that Postgres itself makes of them, their times as the function writes them. */
async function viewed(
  sql: postgres.Sql,
  view: "quality_summary" | "engine_health",
): Promise<Record<string, unknown>[]> {
  const rows = await sql.unsafe(`select to_jsonb(viewed)::text as row from public.${view} as viewed`);
  const times = /("(?:check_timestamp|state_since|last_reading_at)": "[^"]+)\+00:00"/g;
  return rows.map(({ row }) => JSON.parse(row.replaceAll(times, '$1Z"')));
}

/** Goes through all pages. */
async function pages(server: QualityServer, path: string, member: string): Promise<unknown[][]> {
  const all = [];
  for (let cursor = "";;) {
    const { status, body } = await server.get(path + cursor);
    assert.equal(status, 200, JSON.stringify(body));
    all.push(body[member]);
    if (body.next === null) return all;
    cursor = `&cursor=${encodeURIComponent(body.next)}`;
  }
}

async function invalid(server: QualityServer, path: string, detail: string): Promise<void> {
  const { status, body } = await server.get(path);
  assert.equal(status, 400, path);
  assert.deepEqual(body, { ...problem(400, "invalid-parameter", "A parameter is not valid"), detail });
}

Deno.test("the summary says what select * from quality_summary says: the same rows, the same values", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await engines(sql, "A");
  await recordRun(sql, 30, [{ metric: "freshness" }, { metric: "volume", status: "fail", value: 0 }]);
  await recordRun(sql, 3, [{ metric: "volume", status: "fail", value: 0 }]);
  await recordRun(sql, 1, [
    { metric: "volume", value: 1 / 3, min: 1e-300, max: 1.7976931348623157e308, rows: 4_000_000_000 },
    {
      metric: "range",
      column: "s2",
      status: "warning",
      value: 0.1 + 0.2,
      evidence: { broken: 1, at: [null, "ü"] },
    },
    { metric: "stuck", status: "fail", value: 1, max: 0 },
    { metric: "stuck", engine: "A", status: "fail", value: 1, max: 0 },
    { metric: "completeness", status: "not_evaluated", evidence: { reason: "nothing" } },
  ]);
  const { status, body } = await server.get("/summary");
  assert.equal(status, 200);
  Answer.summary.parse(body);
  assert.deepEqual([body.hours, body.status], [24, "fail"]);
  const expected = await viewed(sql, "quality_summary");
  assert.deepEqual(body.checks, expected);

  const found = Object.fromEntries(
    body.checks.map((check: { metric_name: string }) => [check.metric_name, check]),
  );
  assert.equal(found.volume.metric_value, 1 / 3);
  assert.equal(found.volume.rows_checked, 4_000_000_000);
  assert.deepEqual([found.volume.runs_passed, found.volume.runs_failed], [1, 1]);
  assert.match(found.volume.check_timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/);
  assert.equal(found.stuck.engines_failing, 1);
  assert.equal(found.freshness.status, "not_evaluated");
  assert.equal(found.clock.evidence.reason, "No run in this time has judged it");

  // the control: another window is another answer
  const longer = await server.get("/summary?hours=48");
  assert.equal(longer.body.hours, 48);
  assert.notDeepEqual(longer.body.checks, expected);
  assert.equal(
    longer.body.checks.find((check: { metric_name: string }) => check.metric_name === "freshness").status,
    "pass",
  );
});

Deno.test("the summary of nothing is not a pass", async () => {
  await using server = await qualityServer();
  await server.db.sql`delete from public.expectations`;
  assert.deepEqual((await server.get("/summary")).body, { hours: 24, status: "not_evaluated", checks: [] });
  await recordRun(server.db.sql, 1, [{ metric: "volume" }]);
  assert.equal((await server.get("/summary")).body.status, "pass");
  await recordRun(server.db.sql, 1, [{ metric: "clock", status: "not_evaluated" }]);
  assert.equal((await server.get("/summary")).body.status, "not_evaluated");
});

Deno.test("engines answers what the view engine_health says, page by page, and by health and dataset", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await storeBatch(
    sql,
    ORIGIN,
    candidates(["A", "B", "C"].map((engine_id) => reading({ engine_id, timestamp: hoursAgo(1) }))),
  );
  await sql`update public.engines set dataset = 'FD001', subset = 'test', dataset_unit = 1 where unit_number = 'B'`;
  await recordRun(sql, 1, [
    { metric: "completeness", engine: "A", value: 0.25, status: "fail", min: 0.9 },
    { metric: "completeness", engine: "B" },
  ]);

  const { body } = await server.get("/engines");
  Answer.engines.parse(body);
  const expected = (await viewed(sql, "engine_health")).sort((a, b) =>
    String(a.unit_number) < String(b.unit_number) ? -1 : 1
  );
  const timeless = (row: Record<string, unknown>) => ({
    ...row,
    silent_for: String(row.silent_for).slice(0, 5),
  });
  // the list has a part of the view; all of it is in /engines/NAME/health
  const listed = (row: Record<string, unknown>) =>
    Object.fromEntries(Object.keys(Engine.shape).map((name) => [name, row[name]]));
  assert.deepEqual(body.engines.map(timeless), expected.map(listed).map(timeless));
  assert.equal(body.next, null);

  const names = (answer: unknown[][]) =>
    answer.map((rows) => rows.map((row) => (row as { unit_number: string }).unit_number));
  assert.deepEqual(names(await pages(server, "/engines?limit=2", "engines")), [["A", "B"], ["C"]]);
  assert.deepEqual(names(await pages(server, "/engines?health=fail", "engines")), [["A"]]);
  assert.deepEqual(names(await pages(server, "/engines?health=unknown&limit=1", "engines")), [["C"], []]);
  assert.deepEqual(names(await pages(server, "/engines?dataset=FD001", "engines")), [["B"]]);
});

Deno.test("one engine comes with its sensors; one that nobody knows is 404", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await engines(sql, "A", "A:b.c-1");
  await sql`
    insert into public.sensor_drift (engine_id, column_name, verdict, baseline_readings, window_readings, as_of)
    select id, sensor, 'insufficient_data', 0, 0, now() from public.engines, unnest(array['s3', 's2']) as sensor`;
  for (const name of ["A", "A:b.c-1"]) {
    const { status, body } = await server.get(`/engines/${encodeURIComponent(name)}`);
    assert.equal(status, 200);
    Answer.engine.parse(body);
    assert.equal(body.engine.unit_number, name);
    assert.equal(body.engine.health, "unknown");
    assert.deepEqual(
      body.sensors.map((row: Record<string, unknown>) => [row.unit_number, row.column_name, row.engine_id]),
      [[name, "s2", undefined], [name, "s3", undefined]],
    );
  }
  for (const name of ["B", "a,b", "*", "A)"]) {
    const { status, body } = await server.get(`/engines/${encodeURIComponent(name)}`);
    assert.equal(status, 404, name);
    assert.equal(body.detail, `Cannot find the engine ${name}: no engine has this unit_number`);
  }
});

Deno.test("names that look like numbers are names all the same", async () => {
  await using server = await qualityServer();
  const names = ["1e5", "501"];
  await engines(server.db.sql, ...names);
  await recordRun(server.db.sql, 1, names.map((engine) => ({ metric: "stuck", engine })));
  for (const name of names) {
    assert.equal((await server.get(`/engines/${name}`)).body.engine.unit_number, name);
    assert.equal((await server.get(`/metrics?engine=${name}`)).body.metrics[0].unit_number, name);
    assert.deepEqual((await server.get(`/metrics?metric=${name}`)).body, { metrics: [], next: null });
    assert.deepEqual((await server.get(`/engines?dataset=${name}`)).body, { engines: [], next: null });
  }
  const all = await pages(server, "/engines?limit=1", "engines") as { unit_number: string }[][];
  assert.deepEqual(all.flat().map(({ unit_number }) => unit_number).sort(), names);
});

Deno.test("metrics are found by check, column, engine, verdict and time, and paged without gap or repetition", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await engines(sql, "A", "B");
  await recordRun(sql, 50, [{ metric: "volume", status: "fail" }]);
  await recordRun(sql, 2, [
    { metric: "volume" },
    { metric: "range", column: "s2" },
    { metric: "range", column: "s3", status: "warning" },
    { metric: "stuck", engine: "A", status: "fail" },
    { metric: "completeness", engine: "B" },
  ]);
  const found = async (query: string) => {
    const { status, body } = await server.get(`/metrics${query}`);
    assert.equal(status, 200, JSON.stringify(body));
    Answer.metrics.parse(body);
    return body.metrics.map((
      row: Record<string, unknown>,
    ) => [row.metric_name, row.column_name, row.unit_number]);
  };
  assert.deepEqual(await found(""), [
    ["completeness", null, "B"],
    ["stuck", null, "A"],
    ["range", "s3", null],
    ["range", "s2", null],
    ["volume", null, null],
    ["volume", null, null],
  ]);
  assert.deepEqual(await found("?metric=range"), [["range", "s3", null], ["range", "s2", null]]);
  assert.deepEqual(await found("?metric=range&column=s2"), [["range", "s2", null]]);
  assert.deepEqual(await found("?engine=A"), [["stuck", null, "A"]]);
  assert.deepEqual(await found("?status=warning"), [["range", "s3", null]]);
  assert.deepEqual(await found(`?until=${hoursAgo(24)}`), [["volume", null, null]]);
  assert.equal((await found(`?since=${hoursAgo(24)}`)).length, 5);
  assert.deepEqual(await found(`?since=${hoursAgo(1)}`), []);
  assert.equal((await server.get("/metrics?engine=C")).status, 404);

  const all = (await pages(server, "/metrics?limit=4", "metrics")) as { id: number }[][];
  assert.deepEqual(all.map((rows) => rows.length), [4, 2]);
  assert.equal(new Set(all.flat().map(({ id }) => id)).size, 6);
});

Deno.test("drift is found by engine, sensor and verdict, and paged across engines", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await engines(sql, "A", "B", "C");
  await sql`
    insert into public.sensor_drift (
      engine_id, column_name, verdict, ks_statistic, p_value, q_value, mean_shift, wear_shift, baseline_readings,
      window_readings, window_start, window_end, as_of
    )
    select
      id, sensor, case when unit_number = 'A' and sensor = 's11' then 'drift' else 'stable' end,
      0.125, 1e-300, 0.5, -1.5, 0.25, 100, 90, now(), now(), now()
    from public.engines, unnest(array['s2', 's3', 's11']) as sensor`;
  const { body } = await server.get("/drift?verdict=drift");
  Answer.drift.parse(body);
  assert.equal(body.sensors.length, 1);
  assert.deepEqual([body.sensors[0].unit_number, body.sensors[0].column_name, body.sensors[0].p_value], [
    "A",
    "s11",
    1e-300,
  ]);
  assert.equal((await server.get("/drift?engine=B")).body.sensors.length, 3);
  assert.equal((await server.get("/drift?column=s3")).body.sensors.length, 3);
  const all = (await pages(server, "/drift?limit=4", "sensors")) as Record<string, string>[][];
  assert.deepEqual(all.map((rows) => rows.length), [4, 4, 1]);
  assert.equal(new Set(all.flat().map((row) => `${row.unit_number} ${row.column_name}`)).size, 9);
  assert.equal((await server.get("/drift?engine=D")).status, 404);
});

Deno.test("runs are listed, latest first, and by the moment they are about", async () => {
  await using server = await qualityServer();
  for (const hours of [30, 20, 10]) await recordRun(server.db.sql, hours, []);
  const { body } = await server.get("/runs");
  Answer.runs.parse(body);
  assert.deepEqual(body.runs.map(({ id }: { id: number }) => id), [3, 2, 1]);
  const filtered = await server.get(`/runs?since=${hoursAgo(25)}&until=${hoursAgo(15)}`);
  assert.deepEqual(filtered.body.runs.map(({ id }: { id: number }) => id), [2]);
  assert.deepEqual((await pages(server, "/runs?limit=2", "runs")).map((rows) => rows.length), [2, 1]);
});

Deno.test("a dead letter is told as it came, also what JSON.parse would change", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  const payload = '{"s2": 1e400, "twice": 1, "twice": 2, "zero": "\\u0000", "lone": "\\ud800"}';
  for (const source of ["ingest", "load"]) {
    await sql`
      insert into public.dead_letters (batch_id, source, position, payload, payload_digest, path, reason)
      values (gen_random_uuid(), ${source}, 0, ${payload}::text::json, md5(${payload}), 's2', 'not finite')`;
  }
  await sql`
    update public.dead_letters set replayed_at = now(), replay_batch_id = gen_random_uuid(), correction = '{ "s2":1.0 }'
    where source = 'load'`;
  const { body } = await server.get("/dead-letters");
  Answer.deadLetters.parse(body);
  assert.equal(body.dead_letters.length, 1);
  assert.equal(body.dead_letters[0].payload, payload);
  assert.deepEqual([body.dead_letters[0].source, body.dead_letters[0].correction], ["ingest", null]);
  const replayed = (await server.get("/dead-letters?state=replayed")).body.dead_letters;
  assert.deepEqual(replayed.map((letter: Record<string, unknown>) => [letter.source, letter.correction]), [
    ["load", '{ "s2":1.0 }'],
  ]);
  assert.deepEqual(
    (await pages(server, "/dead-letters?state=all&limit=1", "dead_letters")).map((rows) => rows.length),
    [
      1,
      1,
      0,
    ],
  );
});

Deno.test("replaying sends open dead letters through the intake, all or those that are named", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await sql`update public.intake_settings set unknown_engines = 'reject'`;
  await storeBatch(sql, ORIGIN, candidates([reading(), reading({ cycle: 2 })]));
  assert.deepEqual((await server.post("/dead-letters/replay")).body, { passed: 0, failed: 2, withheld: 0 });
  await sql`update public.intake_settings set unknown_engines = 'register'`;
  const [{ id }] = (await server.get("/dead-letters")).body.dead_letters;
  assert.deepEqual((await server.post("/dead-letters/replay", { ids: [id] })).body, {
    passed: 1,
    failed: 0,
    withheld: 0,
  });
  assert.deepEqual((await server.post("/dead-letters/replay", {}, SECRET)).body, {
    passed: 1,
    failed: 0,
    withheld: 0,
  });
  assert.equal((await sql`select from public.sensor_data`).length, 2);
});

Deno.test("a run on demand answers its verdicts, and everything else knows of it", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await storeBatch(sql, ORIGIN, candidates([reading({ timestamp: hoursAgo(2) })]));

  const { status, body } = await server.post("/run");
  assert.equal(status, 200, JSON.stringify(body));
  Answer.run.parse(body);
  assert.ok(body.checks.length > 0);
  assert.deepEqual((await server.get("/runs")).body.runs, [body.run]);
  assert.ok(Date.parse(body.run.as_of) - Date.parse(body.run.window_start) >= 24 * HOUR_MS);
  assert.ok(Date.parse(body.run.as_of) - Date.parse(body.run.window_start) < 25 * HOUR_MS);
  const stored = (await server.get("/metrics?limit=1000")).body.metrics;
  for (const check of body.checks) {
    assert.deepEqual(stored.find(({ id }: { id: number }) => id === check.id), check);
    assert.deepEqual([check.run_id, check.unit_number, check.check_timestamp], [
      body.run.id,
      null,
      body.run.as_of,
    ]);
  }
  assert.equal(
    (await server.get("/summary")).body.checks.find(
      (check: { metric_name: string }) => check.metric_name === body.checks[0].metric_name,
    ).check_timestamp,
    body.run.as_of,
  );

  const past = await server.post("/run", { hours: 3, as_of: "2024-02-29T12:34:56.123456+02:00" }, SECRET);
  assert.equal(past.status, 200, JSON.stringify(past.body));
  assert.deepEqual([past.body.run.window_start, past.body.run.as_of], [
    "2024-02-29T07:00:00Z",
    "2024-02-29T10:34:56.123456Z",
  ]);
  const again = await server.post("/run", { hours: 3, as_of: "2024-02-29T10:34:56.123456Z" });
  assert.equal(again.body.run.id, past.body.run.id);
});

Deno.test("alerts are listed by state, and taking one on says who did", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  await sql`
    insert into public.alerts (kind, subject, severity, state, summary, opened_at, last_seen_at, last_observed_at, resolved_at, resolved_by)
    values
      ('check', 'stuck', 'fail', 'open', 'A sensor is stuck', now(), now(), now(), null, null),
      ('check', 'volume', 'warning', 'resolved', 'Little arrived', now(), now(), now(), now(), 'spool')`;
  const states = async (query: string) => {
    const { body } = await server.get(`/alerts${query}`);
    Answer.alerts.parse(body);
    return body.alerts.map(({ subject, state }: Record<string, string>) => [subject, state]);
  };
  assert.deepEqual(await states(""), [["stuck", "open"]]);
  assert.deepEqual(await states("?state=resolved"), [["volume", "resolved"]]);
  assert.deepEqual(await states("?state=all"), [["volume", "resolved"], ["stuck", "open"]]);
  assert.deepEqual((await pages(server, "/alerts?state=all&limit=1", "alerts")).length, 3);

  const [open] = (await server.get("/alerts")).body.alerts;
  const { status, body } = await server.post(`/alerts/${open.id}/ack`, {
    acknowledged_by: " anna@example.com ",
  });
  assert.equal(status, 200, JSON.stringify(body));
  Answer.alert.parse(body);
  assert.deepEqual([body.id, body.state, body.acknowledged_by], [
    open.id,
    "acknowledged",
    "anna@example.com",
  ]);
  assert.deepEqual(await states("?state=acknowledged"), [["stuck", "acknowledged"]]);
  assert.deepEqual(await states("?state=open"), []);
  assert.deepEqual(await states(""), [["stuck", "acknowledged"]]);

  const again = await server.post(`/alerts/${open.id}/ack`, { acknowledged_by: "bert" });
  assert.equal(again.status, 409);
  assert.match(
    again.body.detail,
    /^Cannot acknowledge alert 1 as it must be open: current value is acknowledged\. anna@example\.com has /,
  );
  const unknown = await server.post("/alerts/999/ack", { acknowledged_by: "bert" });
  assert.deepEqual([unknown.status, unknown.body.detail], [
    404,
    "Cannot find the alert 999: no alert has this id",
  ]);
});

Deno.test("a parameter that is not valid is 400, and the answer names it and what it may be", async () => {
  await using server = await qualityServer();
  for (const hours of ["0", "2161", "1.5", "-1", "x", "", "1e2"]) {
    await invalid(
      server,
      `/summary?hours=${hours}`,
      `Cannot read the parameter hours as it must be a whole number from 1 to 2160: current value is "${hours}"`,
    );
  }
  for (const path of ["/engines", "/metrics", "/drift", "/alerts", "/runs", "/dead-letters"]) {
    for (const limit of ["0", "1001"]) {
      await invalid(
        server,
        `${path}?limit=${limit}`,
        `Cannot read the parameter limit as it must be a whole number from 1 to 1000: current value is "${limit}"`,
      );
    }
  }
  await invalid(server, "/summary?hour=1", "Cannot read the parameter hour as it must be one of hours");
  await invalid(server, "/engines/A?hours=1", "Cannot read the parameter hours as there must be none");
  await invalid(
    server,
    "/metrics?status=ok",
    'Cannot read the parameter status as it must be one of pass, warning, fail, not_evaluated: current value is "ok"',
  );
  for (const since of ["yesterday", "2024-01-01", "2024-01-01T00:00:00", "2024-02-30T00:00:00Z"]) {
    await invalid(
      server,
      `/metrics?since=${since}`,
      `Cannot read the parameter since as it must be a time with a zone such as 2024-01-01T00:00:00Z: current value is "${since}"`,
    );
  }
  for (const cursor of ["x", "1),id.gt.0", "00000000-0000-0000-0000-00000000000Z.s2"]) {
    const { status, body } = await server.get(`/drift?cursor=${encodeURIComponent(cursor)}`);
    assert.equal(status, 400, JSON.stringify(body));
  }
  assert.equal((await server.get("/metrics?cursor=0")).status, 400);
  // a time that Postgres cannot hold
  const { status, body } = await server.get("/metrics?since=0000-01-01T00:00:00Z");
  assert.equal(status, 400);
  assert.match(
    body.detail,
    /^Cannot read a parameter as it must be a value that Postgres can hold: date\/time field/,
  );
});

Deno.test("a body that is not valid is 400, nothing is run, and the answer names the member", async () => {
  await using server = await qualityServer();
  const { sql } = server.db;
  const times = "a time from 2000-01-01T00:00:00Z to now";
  const bodies: [string, unknown, string | RegExp][] = [
    [
      "/run",
      { hours: 0 },
      "Cannot read the parameter hours as it must be a whole number from 1 to 2160: current value is 0",
    ],
    ["/run", { hours: 2161 }, /^Cannot read the parameter hours .*: current value is 2161$/],
    ["/run", { hours: "24" }, /^Cannot read the parameter hours .*: current value is "24"$/],
    ["/run", { hours: 1.5 }, /^Cannot read the parameter hours .*: current value is 1.5$/],
    ["/run", { as_of: "now" }, /^Cannot read the parameter as_of as it must be a time with a zone/],
    [
      "/run",
      { as_of: "1999-12-31T23:59:59Z" },
      `Cannot read the parameter as_of as it must be ${times}: current value is "1999-12-31T23:59:59Z"`,
    ],
    ["/run", { as_of: hoursAgo(-1) }, new RegExp(`^Cannot read the parameter as_of as it must be ${times}`)],
    ["/run", { window: 1 }, "Cannot read the parameter window as it must be one of hours, as_of"],
    ["/run", [], "Cannot read the body as it must be a JSON object"],
    ["/run", "{", "Cannot read the body as it must be JSON"],
    [
      "/alerts/1/ack",
      {},
      "Cannot read the parameter acknowledged_by as it must be 1 to 200 characters: current value is missing",
    ],
    ["/alerts/1/ack", { acknowledged_by: "  " }, /acknowledged_by as it must be 1 to 200 characters/],
    [
      "/alerts/x/ack",
      { acknowledged_by: "anna" },
      /^Cannot read the parameter id as it must be a whole number from 1/,
    ],
    [
      "/dead-letters/replay",
      { ids: [] },
      "Cannot read the parameter ids as it must be a list of 1 to 1000 ids: current value is []",
    ],
    [
      "/dead-letters/replay",
      { ids: [0] },
      /^Cannot read the parameter ids as it must be a whole number from 1 .*: current value is 0$/,
    ],
  ];
  for (const [path, body, detail] of bodies) {
    const answer = await server.post(path, body);
    assert.equal(answer.status, 400, JSON.stringify([path, body, answer.body]));
    if (typeof detail === "string") assert.equal(answer.body.detail, detail);
    else assert.match(answer.body.detail, detail);
  }
  assert.equal((await server.post("/run", { hours: " ".repeat(70_000) })).status, 413);
  assert.equal((await sql`select from public.check_runs`).length, 0);
});

Deno.test("another method is 405, another path 404", async () => {
  await using server = await qualityServer();
  for (
    const [path, method, allow] of [
      ["/summary", "POST", "GET"],
      ["/engines/A", "DELETE", "GET"],
      ["/dead-letters", "POST", "GET"],
      ["/run", "GET", "POST"],
      ["/alerts/1/ack", "GET", "POST"],
      ["/dead-letters/replay", "GET", "POST"],
    ]
  ) {
    const answer = await answerOf(
      await fetch(server.url + path, { method, headers: { authorization: `Bearer ${KEY}` } }),
    );
    assert.equal(answer.status, 405, path);
    assert.equal(answer.headers.get("allow"), allow);
  }
  assert.equal((await server.get("/nothing")).status, 404);
});
