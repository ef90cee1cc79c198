import assert from "node:assert/strict";
import type postgres from "postgres";
import { type Origin, storeBatch } from "../../shared/intake.ts";
import { startLineage } from "../../shared/lineage.ts";
import { VERSION } from "../../shared/version.ts";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { RunEvent } from "../support/openlineage.ts";
import { recordRun } from "../support/quality.ts";
import { candidates, reading, readings } from "../support/readings.ts";
import { TEN, testPipeline, tick } from "../support/pipeline.ts";

const ARN = "arn:aws:kinesis:eu-central-1:123456789012:stream/spool";
const FIREHOSE = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/spool";

function test(name: string, body: (db: TestDatabase) => Promise<void>): void {
  for (const version of [17, 15] as const) {
    Deno.test({
      name: `${name} (Postgres ${version})`,
      ignore: version === 15 && !hasPostgres15,
      async fn() {
        await using db = await testDatabase({ version });
        await body(db);
      },
    });
  }
}

/** All events, oldest first, each of them a valid one. */
async function events(sql: postgres.Sql, job?: string): Promise<RunEvent[]> {
  const rows = await sql`select event from find_lineage(job => ${job ?? null}::text, max_rows => 1000)`;
  return rows.map(({ event }) => RunEvent.parse(event)).reverse();
}

/** Inputs of a batch: the dataset, and which part of it. */
const sources: [Origin["source"], string | null, { namespace: string; name: string }, unknown][] = [
  ["load", "train_FD001.txt lines 1-2000", { namespace: "file", name: "train_FD001.txt" }, {
    lines: [1, 2000],
  }],
  ["load", "with lines 3-4 in it.txt lines 5-6", { namespace: "file", name: "with lines 3-4 in it.txt" }, {
    lines: [5, 6],
  }],
  ["load", "something else", { namespace: "spool", name: "/load" }, { request: "something else" }],
  ["ingest", "request-7", { namespace: "spool", name: "/ingest" }, { request: "request-7" }],
  ["ingest", null, { namespace: "spool", name: "/ingest" }, undefined],
  [
    "kinesis",
    `${ARN} shardId-000000000006 4959..4960`,
    { namespace: "arn:aws:kinesis:eu-central-1:123456789012", name: "stream/spool" },
    { shard: "shardId-000000000006", sequence_numbers: ["4959", "4960"] },
  ],
  [
    "kinesis",
    `${ARN} 4959..4960`,
    { namespace: "arn:aws:kinesis:eu-central-1:123456789012", name: "stream/spool" },
    { sequence_numbers: ["4959", "4960"] },
  ],
  [
    "kinesis",
    `${FIREHOSE} ed4acda5-034f`,
    { namespace: "arn:aws:firehose:eu-central-1:123456789012", name: "deliverystream/spool" },
    { request: "ed4acda5-034f" },
  ],
  [
    "kinesis",
    "shardId-000000000006 4959..4960",
    { namespace: "spool", name: "/kinesis" },
    { shard: "shardId-000000000006", sequence_numbers: ["4959", "4960"] },
  ],
  ["kinesis", "ed4acda5-034f", { namespace: "spool", name: "/kinesis" }, { request: "ed4acda5-034f" }],
  ["kinesis", null, { namespace: "spool", name: "/kinesis" }, undefined],
  ["replay", "dead letters 3 to 9", { namespace: "postgres", name: "public.dead_letters" }, { ids: [3, 9] }],
];

test("a batch is a run of its door: what it was made of by OpenLineage's names, what it stored, and which version did", async ({ sql }) => {
  for (const [i, [source, reference]] of sources.entries()) {
    await storeBatch(sql, { source, reference }, candidates([reading({ cycle: i + 1 }), { bad: i }]));
  }
  const rows = await sql`
    select batches.source, batches.reference, batches.id, lineage.event, lineage.inputs
    from batches join lineage on run_id = batches.id order by event_time, event_id`;
  assert.equal(rows.length, 2 * sources.length);
  for (const [i, [source, reference, dataset, part]] of sources.entries()) {
    const [start, end] = [rows[2 * i], rows[2 * i + 1]].map((row) => ({
      ...row,
      event: RunEvent.parse(row.event),
    }));
    assert.deepEqual([rows[2 * i].source, rows[2 * i].reference], [source, reference]);
    assert.deepEqual([start.event.eventType, end.event.eventType], ["START", "COMPLETE"]);
    assert.equal(start.event.job.name, source === "load" ? "load.batch" : source);
    for (const { event: { inputs: [input], run, producer } } of [start, end]) {
      assert.deepEqual({ namespace: input.namespace, name: input.name }, dataset);
      const { _producer, _schemaURL, ...own } = input.inputFacets?.spool_part ?? {};
      assert.deepEqual(own, part ?? {});
      assert.equal(run.facets?.processing_engine.version, VERSION);
      assert.equal(producer, `urn:spool:${VERSION}`);
    }
    // what a search goes by is what the event says
    assert.deepEqual(rows[2 * i].inputs, [dataset.name]);
    const written = end.event.outputs.map((
      { name, outputFacets },
    ) => [name, outputFacets?.outputStatistics.rowCount]);
    assert.deepEqual(written, [
      ["public.sensor_data", 1],
      ...source === "replay" ? [] : [["public.dead_letters", 1]],
    ]);
  }
});

test("an event of a table has the columns that the table had then", async ({ sql }) => {
  await storeBatch(sql, { source: "ingest", reference: null }, candidates([reading()]));
  const [{ outputs: [{ facets }] }] = await events(sql);
  const fields = facets?.schema.fields as { name: string; type: string; description: string }[];
  const live = await sql`
    select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = 'sensor_data'::regclass and attnum > 0 order by attnum`;
  assert.deepEqual(fields.map(({ name, type }) => ({ name, type })), live.map((row) => ({ ...row })));
  assert.match(fields[7].description, /degrees Rankine/);

  await sql`alter table sensor_data add column s99 real`;
  await sql`update asset_schemas set recorded_at = now() - interval '1 hour'`;
  await sql`update data_assets set schema_version = 2 where name = 'sensor_data'`;
  await storeBatch(sql, { source: "ingest", reference: null }, candidates([reading({ cycle: 2 })]));
  const widths = (await events(sql)).map(({ outputs: [{ facets }] }) =>
    (facets?.schema.fields as unknown[]).length
  );
  assert.deepEqual(widths, [22, 22, 23, 23]);
});

test("a run of the checks is a run: its verdicts on the table are assertions, what was not evaluated is none", async ({ sql }) => {
  await recordRun(sql, 1, [
    { metric: "volume", value: 7, min: 5, rows: 7 },
    { metric: "range", column: "s2", status: "fail", value: 0.5, min: 0.99, max: 1 },
    { metric: "nulls", status: "warning", value: 0 },
    { metric: "drift", status: "not_evaluated" },
  ]);
  await sql`update check_runs set started_at = as_of`;
  const [start, end] = await events(sql, "run_checks");
  assert.deepEqual([start.eventType, end.eventType], ["START", "COMPLETE"]);
  assert.equal(start.run.runId, end.run.runId);
  const { dataQualityAssertions } = end.inputs[0].inputFacets!;
  assert.deepEqual(dataQualityAssertions.assertions, [
    { assertion: "volume", success: true, severity: "error", expected: "at least 5", actual: "7" },
    {
      assertion: "range",
      success: false,
      column: "s2",
      severity: "error",
      expected: "at least 0.99 and at most 1",
      actual: "0.5",
    },
    { assertion: "nulls", success: false, severity: "warn", actual: "0" },
  ]);
  assert.ok(end.run.facets?.nominalTime);
});

test("real checks leave a valid run, with the version that they are of; the same window again is another run", async ({ sql }) => {
  await storeBatch(sql, { source: "ingest", reference: null }, candidates(readings(30)));
  const run = async () => {
    await sql`select from run_checks('24 hours', '2024-01-30')`;
    const [, end] = await events(sql, "run_checks");
    return end;
  };
  const first = await run();
  assert.equal(first.run.facets?.processing_engine.version, VERSION);
  assert.ok((first.inputs[0].inputFacets?.dataQualityAssertions.assertions as unknown[]).length > 5);
  const second = await run();
  assert.notEqual(second.run.runId, first.run.runId);
  assert.equal((await events(sql, "run_checks")).length, 2);
});

test("a sql task of a pipeline is a run on what the catalogue says that it reads and writes", async ({ sql }) => {
  await testPipeline(sql, [{ name: "health" }, { name: "nothing" }]);
  await sql`update pipeline_tasks set handler = 'task_health_report' where pipeline = 'test' and name = 'health'`;
  await tick(sql, TEN);
  const [start, end, ...rest] = await events(sql, "test.health");
  assert.deepEqual([start.eventType, end.eventType, rest.length], ["START", "COMPLETE", 0]);
  assert.deepEqual(end.inputs.map(({ name }) => name), ["public.engine_health"]);
  assert.deepEqual(end.outputs.map(({ name }) => name), ["public.engine_health_reports"]);
  assert.deepEqual(await events(sql, "test.nothing"), []);
});

test("stored runs become valid events: facets are stamped, the lake's objects get OpenLineage's names, an end has what its beginning had", async ({ sql }) => {
  const lakes = ["s3://bucket", "s3://bucket/", "s3://bucket/a/b", "file:///var/lake", "file:///var/lake/"];
  const run = await startLineage(sql, "archive", {
    inputs: [{ namespace: "postgres", name: "public.sensor_data" }],
    outputs: lakes.map((namespace) => ({ namespace, name: "processed/x.parquet" })),
    facets: { spool_recipe: { seed: 7 } },
  });
  await run.complete(sql);
  const failed = await startLineage(sql, "backup");
  await failed.fail(sql, new Error("no room"));

  const [start, end] = await events(sql, "archive");
  for (const { inputs, outputs } of [start, end]) {
    assert.deepEqual(inputs.map(({ name }) => name), ["public.sensor_data"]);
    assert.deepEqual(outputs.map(({ namespace, name }) => [namespace, name]), [
      ["s3://bucket", "processed/x.parquet"],
      ["s3://bucket", "processed/x.parquet"],
      ["s3://bucket", "a/b/processed/x.parquet"],
      ["file", "/var/lake/processed/x.parquet"],
      ["file", "/var/lake/processed/x.parquet"],
    ]);
  }
  assert.equal(start.run.facets?.spool_recipe.seed, 7);
  const [, fail] = await events(sql, "backup");
  assert.equal(fail.eventType, "FAIL");
  assert.equal(fail.run.facets?.errorMessage.message, "no room");
});

test("the version that the database says is the version of the code", async ({ sql }) => {
  const [{ version }] = await sql`select spool_version() as version`;
  assert.equal(version, VERSION);
});

test("from a reading one finds its batch, its file, the version that stored it, its object of the lake and the checks over it", async ({ sql }) => {
  await storeBatch(sql, { source: "load", reference: "train_FD001.txt lines 1-2" }, candidates(readings(2)));
  const [batch] = await sql`select id from batches`;
  const find = async (cycle: number, at?: string) =>
    (await sql`select * from reading_lineage('ENGINE_001', ${cycle}, ${at ?? null}::text::timestamptz)`)
      .map((row) => ({ ...row }));
  const [found] = await find(1);
  assert.equal(found.batch_id, batch.id);
  assert.deepEqual([found.input.name, found.input.inputFacets.spool_part], ["train_FD001.txt", {
    lines: [1, 2],
  }]);
  assert.deepEqual([found.code_version, found.in_postgres, found.lake_key], [VERSION, true, null]);
  assert.deepEqual(found.check_runs, []);
  assert.deepEqual(await find(1, "2024-01-01T00:00:00Z"), [found]);
  assert.deepEqual(await find(1, "2024-01-01T00:00:01Z"), []);
  assert.deepEqual(await find(3), []);

  await sql`select from run_checks('24 hours', '2024-01-01 06:00Z')`;
  await sql`select from run_checks('24 hours', '2024-01-05')`; // its window does not reach back to it
  const key = "processed/year=2024/month=01/day=01/sensor_data.parquet";
  await sql`
    insert into lake_objects (key, kind, day, day_version, row_count, row_digest, bytes, sha256)
    values (${key}, 'sensor_data', '2024-01-01', 1, 1, 'x', 9, repeat('a', 64))`;
  assert.deepEqual([(await find(1))[0].lake_key, (await find(1))[0].in_lake_object], [key, false]);
  await sql`insert into lake_object_batches values (${key}, ${batch.id}, 1)`;
  const [again] = await find(1);
  assert.deepEqual([again.lake_key, again.in_lake_object], [key, true]);
  assert.deepEqual(again.check_runs.map(({ as_of }: { as_of: string }) => Date.parse(as_of)), [
    Date.UTC(2024, 0, 1, 6),
  ]);

  // one that has been stored since that run is not among what it has seen
  await sql`update check_runs set finished_at = now() - interval '1 hour'`;
  assert.deepEqual((await find(1))[0].check_runs, []);

  // when its month has left Postgres its day is still in the lake
  await sql`delete from sensor_data`;
  assert.deepEqual(
    (await find(1, "2024-01-01T00:00:00Z")).map((row) => [row.in_postgres, row.batch_id, row.lake_key]),
    [
      [false, null, key],
    ],
  );
  assert.deepEqual(await find(1), []);
});

test("coverage is 1 when all can be traced, and falls with every reading, run and object that cannot", async ({ sql }) => {
  const now = () => new Date().toISOString();
  const recent = (cycle: number) =>
    reading({ cycle, timestamp: new Date(Date.now() - cycle * 60_000).toISOString() });
  const coverage = async () =>
    Object.fromEntries(
      (await sql`select subject, total::int, traced::int from lineage_coverage()`)
        .map(({ subject, total, traced }) => [subject, [traced, total]]),
    );
  assert.deepEqual(await coverage(), {
    readings: [0, 0],
    check_runs: [0, 0],
    lake_objects: [0, 0],
    anomalies: [0, 0],
  });

  await storeBatch(sql, { source: "ingest", reference: null }, candidates([recent(1), recent(2)]));
  await storeBatch(sql, { source: "kinesis", reference: `${ARN} 1..2` }, candidates([recent(3)]));
  await sql`select from run_checks('24 hours', ${now()})`;
  const run = await startLineage(sql, "archive");
  await run.complete(sql);
  const object = (key: string, by: string | null) =>
    sql`
      insert into lake_objects (key, kind, bytes, sha256, written_by)
      values (${key}, 'report', 1, repeat('a', 64), ${by}::uuid)`;
  await object("a", run.id);
  assert.deepEqual(await coverage(), {
    readings: [3, 3],
    check_runs: [1, 1],
    lake_objects: [1, 1],
    anomalies: [0, 0],
  });

  // what cannot be traced, one by one
  await storeBatch(sql, { source: "kinesis", reference: null }, candidates([recent(4)]));
  assert.deepEqual((await coverage()).readings, [3, 4]);
  await storeBatch(sql, { source: "load", reference: "f lines 1-1" }, candidates([recent(5)]));
  await sql`update batches set code_version = null where source = 'load'`;
  assert.deepEqual((await coverage()).readings, [3, 5]);
  await sql`delete from batches where source = 'ingest'`;
  assert.deepEqual((await coverage()).readings, [1, 5]);
  await object("b", null);
  await object("c", (await startLineage(sql, "archive")).id);
  assert.deepEqual((await coverage()).lake_objects, [1, 3]);
  await sql`update check_runs set finished_at = null`;
  assert.deepEqual((await coverage()).check_runs, [0, 1]);
  await sql`
    insert into models (
      purpose, name, version, features, trained_from, trained_until, engines, readings, seed, settings, metrics, content,
      code_version
    )
    values ('anomaly', 'anomaly', 1, '{s2}', now(), now(), 1, 1, 1, '{}', '{}', '{}', '0')`;
  const anomaly = (cycle: number, by: string | null) =>
    sql`
      insert into anomalies (engine_id, "timestamp", cycle, detector, score, threshold, sensors, model_id, run_id)
      select engines.id, now(), ${cycle}, 'd', 1, 1, '{}', models.id, ${by}::uuid from engines cross join models`;
  const [{ id: batch }] = await sql`select id from batches limit 1`;
  await anomaly(1, run.id);
  await anomaly(2, batch);
  assert.deepEqual((await coverage()).anomalies, [2, 2]);
  await anomaly(3, (await startLineage(sql, "score_anomalies")).id);
  await anomaly(4, null);
  assert.deepEqual((await coverage()).anomalies, [2, 4]);
});

test("readings of old days count once their day is known to have changed", async ({ sql }) => {
  await storeBatch(sql, { source: "kinesis", reference: null }, candidates([reading()]));
  const readingsOf = async () =>
    (await sql`select traced::int, total::int from lineage_coverage() where subject = 'readings'`)
      .map((row) => [row.traced, row.total]);
  await sql`delete from sensor_data_days`;
  assert.deepEqual(await readingsOf(), [[0, 0]]);
  await sql`insert into sensor_data_days (day) values ('2024-01-01')`;
  assert.deepEqual(await readingsOf(), [[0, 1]]);
  await sql`update sensor_data set created_at = now() - interval '2 days'`;
  assert.deepEqual(await readingsOf(), [[0, 0]]);
});

test("the task writes the metric once a moment: pass, fail, or not evaluated when there was nothing", async ({ sql }) => {
  const at = new Date().toISOString();
  const written = async () => {
    await sql`select task_lineage(${at}::text::timestamptz)`;
    const rows = await sql`
      select table_name, metric_value, threshold_min, status, rows_checked::int from data_quality_metrics
      where metric_name = 'lineage_coverage'`;
    return rows.map((row) => Object.values(row));
  };
  assert.deepEqual(await written(), [["sensor_data", null, 1, "not_evaluated", 0]]);
  const recent = (cycle: number) =>
    reading({ cycle, timestamp: new Date(Date.now() - cycle * 60_000).toISOString() });
  await storeBatch(sql, { source: "ingest", reference: null }, candidates([recent(1)]));
  await sql`update sensor_data set created_at = ${at}::text::timestamptz`;
  assert.deepEqual(await written(), [["sensor_data", 1, 1, "pass", 1]]);
  await storeBatch(
    sql,
    { source: "kinesis", reference: null },
    candidates([recent(2), recent(3), recent(4)]),
  );
  await sql`update sensor_data set created_at = ${at}::text::timestamptz`;
  assert.deepEqual(await written(), [["sensor_data", 0.25, 1, "fail", 4]]);
});

test("what cannot be traced is an alert until all of it can be, and nothing to trace changes nothing", async ({ sql }) => {
  const observed = async (at: string) => {
    await sql`select task_lineage(${at}::text::timestamptz)`;
    return (await sql`select subject, state, summary from alerts where kind = 'lineage_coverage'`)
      .map((row) => Object.values(row));
  };
  const hours = (count: number) => new Date(Date.UTC(2026, 10, 1) + count * 3_600_000).toISOString();
  const stored = async (reference: string | null, cycle: number, at: string) => {
    await storeBatch(sql, { source: "kinesis", reference }, candidates([reading({ cycle, timestamp: at })]));
    await sql`update sensor_data set created_at = ${at}::text::timestamptz where cycle = ${cycle}`;
  };
  await stored(null, 1, hours(0));
  const summary = "0.0000 of what was stored can be traced to where it came from";
  assert.deepEqual(await observed(hours(1)), [["sensor_data", "open", summary]]);
  assert.deepEqual(await observed(hours(30)), [["sensor_data", "open", summary]], "nothing was stored");
  await stored("stream spool, shardId-000000000000, 1 to 1", 2, hours(48));
  assert.deepEqual(await observed(hours(49)), [["sensor_data", "open", summary]], "once is not enough");
  assert.deepEqual(await observed(hours(50)), [["sensor_data", "resolved", summary]]);
});

test("a run whose process died is ended a day later, once, and one that has ended is left alone", async ({ sql }) => {
  await startLineage(sql, "backup");
  const done = await startLineage(sql, "archive");
  await done.complete(sql);
  const tasks = async (hours: number) => {
    const [{ aborted }] =
      await sql`select abort_lost_runs(now() + make_interval(hours => ${hours})) as aborted`;
    return aborted;
  };
  assert.deepEqual([await tasks(23), await tasks(25), await tasks(25)], [0, 1, 0]);
  assert.deepEqual((await events(sql, "backup")).map(({ eventType }) => eventType), ["START", "ABORT"]);
});

test("pages of lineage hold every event once, in order, also those of one moment; filters are exact", async ({ sql }) => {
  await sql.begin(async (tx) => {
    for (let i = 0; i < 4; i++) {
      // one transaction, so one time
      await tx`
        insert into batches (id, source, received, accepted, duplicates, rejected)
        values (gen_random_uuid(), 'ingest', 0, 0, 0, 0)`;
    }
  });
  const run = await startLineage(sql, "archive", { outputs: [{ namespace: "s3://b", name: "key" }] });
  const all = await sql`select place from find_lineage()`;
  assert.equal(all.length, 9);
  const paged: string[] = [];
  for (let before: string | null = null;;) {
    const rows: postgres.Row[] =
      await sql`select place from find_lineage(before => ${before}, max_rows => 2)`;
    if (rows.length === 0) break;
    paged.push(...rows.map(({ place }) => place));
    before = paged.at(-1)!;
  }
  assert.deepEqual(paged, all.map(({ place }) => place));
  assert.equal(new Set(paged).size, 9);

  const count = async (filter: postgres.PendingQuery<postgres.Row[]>) =>
    (await sql`select count(*)::int as n from find_lineage(${filter})`)[0].n;
  assert.equal(await count(sql`job => 'archive'`), 1);
  assert.equal(await count(sql`run => ${run.id}::uuid`), 1);
  assert.equal(await count(sql`dataset => 'key'`), 1);
  assert.equal(await count(sql`dataset => 'sensor_data'`), 8);
  assert.equal(await count(sql`dataset => 'public.sensor_data'`), 8);
  assert.equal(await count(sql`dataset => '/ingest'`), 8);
  assert.equal(await count(sql`dataset => 'sensor'`), 0);
  assert.equal(await count(sql`since => now() + interval '1 minute'`), 0);
  assert.equal(await count(sql`until => now() + interval '1 minute'`), 9);
  await assert.rejects(sql`select from find_lineage(before => 'x')`, { code: "22023" });
});

test("a page of events reads a page of batches, however many there are", async ({ sql }) => {
  await sql`
    insert into batches (id, source, received, accepted, duplicates, rejected, received_at)
    select gen_random_uuid(), 'ingest', 0, 0, 0, 0, now() - i * interval '1 second' from generate_series(1, 5000) as i`;
  await sql`analyze batches`;
  const plan = await sql`
    explain (analyze, format json, timing off, costs off)
    select event from lineage order by event_time desc, event_id collate "C" desc limit 10`;
  const text = JSON.stringify(plan[0]["QUERY PLAN"]);
  const scanned = [...text.matchAll(/"Relation Name":"batches".*?"Actual Rows":([\d.]+)/g)].map(([, n]) =>
    Number(n)
  );
  assert.equal(scanned.length, 2);
  assert.ok(scanned.every((rows) => rows < 50), text);
});

test("the graph joins what the catalogue declares with what has run, and draws objects of the lake as their prefix", async ({ sql }) => {
  await storeBatch(
    sql,
    { source: "load", reference: "train_FD001.txt lines 1-2" },
    candidates([reading(), {}]),
  );
  for (
    const name of ["processed/year=2024/month=01/day=01/x.parquet", "processed/train-test-split/y.parquet"]
  ) {
    const run = await startLineage(sql, "archive", { outputs: [{ namespace: "s3://b", name }] });
    await run.complete(sql);
  }
  const [{ graph }] = await sql`select lineage_graph() as graph`;
  const edge = (from: string, to: string) =>
    graph.edges.filter((edge: { from: string; to: string }) => edge.from === from && edge.to === to)
      .map(({ declared, runs }: { declared: boolean; runs: number }) => [declared, runs]);
  assert.deepEqual(edge("dataset:train_FD001.txt", "job:load.batch"), [[false, 1]]);
  assert.deepEqual(edge("job:load.batch", "dataset:dead_letters"), [[false, 1]]);
  assert.deepEqual(edge("job:archive", "dataset:processed/"), [[false, 1]]);
  assert.deepEqual(edge("job:archive", "dataset:processed/train-test-split/"), [[false, 1]]);
  assert.deepEqual(edge("dataset:sensor_data", "dataset:training_data"), [[true, 0]]);
  assert.deepEqual(edge("job:record_anomalies()", "dataset:anomalies"), [[true, 0]]);
  const ids = graph.nodes.map(({ id }: { id: string }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { from, to } of graph.edges) assert.ok(ids.includes(from) && ids.includes(to));
  const [{ nothing }] = await sql`select lineage_graph(now() + interval '1 hour') -> 'edges' as nothing`;
  assert.ok(nothing.every(({ runs }: { runs: number }) => runs === 0));
});
