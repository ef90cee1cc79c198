import assert from "node:assert/strict";
import { storeBatch } from "../../../shared/intake.ts";
import { startLineage } from "../../../shared/lineage.ts";
import { VERSION } from "../../../shared/version.ts";
import { type CatalogServer, catalogServer } from "../../support/catalog_server.ts";
import { PUBLISHABLE } from "../../support/data_api_server.ts";
import { problem } from "../../support/ingest_server.ts";
import { RunEvent } from "../../support/openlineage.ts";
import { candidates, reading } from "../../support/readings.ts";

const KEY = "processed/year=2024/month=01/day=01/sensor_data.parquet";

const READS = [
  "/assets",
  "/assets/sensor_data",
  "/lineage",
  "/lineage/readings?engine=ENGINE_001&cycle=1",
  "/lineage/graph",
  "/lake",
  `/lake/${KEY}`,
];

/** A reading from a file, its day in the lake, and a run that put it there. */
async function filled(server: CatalogServer): Promise<{ batchId: string; runId: string }> {
  const { sql } = server.db;
  const { batchId } = await storeBatch(
    sql,
    { source: "load", reference: "train_FD001.txt lines 1-2" },
    candidates([reading(), { bad: 1 }]),
  );
  const run = await startLineage(sql, "archive", {
    inputs: [{ namespace: "postgres", name: "public.sensor_data" }],
    outputs: [{ namespace: "s3://bucket", name: KEY }],
  });
  await run.complete(sql);
  await sql`
    insert into lake_objects (key, kind, day, day_version, row_count, row_digest, bytes, sha256, written_at, written_by)
    values (${KEY}, 'sensor_data', '2024-01-01', 1, 1, 'x', 123, repeat('a', 64), '2024-01-02 00:00:00.123456Z', ${run.id})`;
  await sql`insert into lake_object_batches values (${KEY}, ${batchId}, 1)`;
  return { batchId, runId: run.id };
}

async function get(server: CatalogServer, path: string) {
  const { status, body } = await server.get(path);
  assert.equal(status, 200, `${path} ${JSON.stringify(body)}`);
  return body;
}

Deno.test("assets are listed by name, and each filter leaves what it says", async () => {
  await using server = await catalogServer();
  const names = async (query: string) =>
    (await get(server, `/assets${query}`)).assets.map(({ name }: { name: string }) => name);
  const all = await server.db.sql`select name from data_assets order by name collate "C"`;
  assert.deepEqual(await names(""), all.map(({ name }) => name));
  assert.deepEqual(await names("?kind=lake&tag=parquet"), ["processed/", "processed/train-test-split/"]);
  assert.deepEqual(await names("?classification=confidential&kind=table"), [
    "audit_log",
    "dead_letters",
    "intake_settings",
  ]);
  assert.deepEqual(await names("?owner=security"), ["audit_log"]);
  assert.deepEqual(await names("?q=predicted%20REMAINING"), ["rul_predictions"]);
  assert.deepEqual(await names(`?owner=${encodeURIComponent(`a"b,c(d)\\`)}`), []);
});

Deno.test("an asset says what it is and shows its columns as they are, with those that changed without a version", async () => {
  await using server = await catalogServer();
  await filled(server);
  await server.db.sql`alter table engines add column invented text`;
  const { asset, schema_versions, schema_changes } = await get(server, "/assets/engines");
  assert.deepEqual(
    [asset.kind, asset.owner, asset.classification, asset.quality_level, asset.schema_version],
    [
      "table",
      "data-engineering",
      "internal",
      "silver",
      1,
    ],
  );
  assert.deepEqual(asset.columns.at(-1), {
    name: "invented",
    type: "text",
    nullable: true,
    description: null,
  });
  assert.deepEqual(schema_changes, [{
    column_name: "invented",
    change: "added",
    recorded: null,
    live: "text",
  }]);
  assert.deepEqual(schema_versions.map(({ version }: { version: number }) => version), [1]);

  const data = await get(server, "/assets/sensor_data");
  assert.equal(data.asset.retention_days, 2555);
  assert.ok(data.asset.downstream.includes("training_data") && data.asset.sources.includes("dead_letters"));
  assert.match(data.asset.last_change, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

  // prefixes of the lake, however their slashes come
  for (const path of ["processed/", "processed", "processed%2F"]) {
    const { asset } = await get(server, `/assets/${path}`);
    assert.deepEqual([asset.name, asset.objects, asset.bytes, asset.columns], ["processed/", 1, 123, null]);
    assert.equal(asset.last_change, "2024-01-02T00:00:00.123456Z");
  }
  assert.equal((await get(server, "/assets/processed/train-test-split/")).asset.objects, 0);
});

Deno.test("lineage is answered as valid events, latest first, by job, run, dataset and time, page by page", async () => {
  await using server = await catalogServer();
  const { batchId, runId } = await filled(server);
  const list = async (query: string) => {
    const { events, next } = await get(server, `/lineage${query}`);
    const told = events.map((event: unknown) => RunEvent.parse(event))
      .map(({ job, eventType }: RunEvent) => `${job.name} ${eventType}`);
    return { told, next };
  };
  const all = ["archive COMPLETE", "archive START", "load.batch COMPLETE", "load.batch START"];
  assert.deepEqual(await list(""), { told: all, next: null });
  assert.deepEqual((await list("?job=archive")).told, all.slice(0, 2));
  assert.deepEqual((await list(`?run=${batchId}`)).told, all.slice(2));
  assert.deepEqual((await list(`?run=${runId}`)).told, all.slice(0, 2));
  assert.deepEqual((await list("?dataset=train_FD001.txt")).told, all.slice(2));
  assert.deepEqual((await list(`?dataset=${encodeURIComponent(KEY)}`)).told, all.slice(0, 2));
  assert.deepEqual((await list("?dataset=sensor_data")).told, all);
  assert.deepEqual((await list("?to=2024-01-01T00:00:00Z")).told, []);
  assert.deepEqual((await list("?from=2024-01-01T00:00:00%2B02:00")).told, all);

  const pages: string[] = [];
  for (let cursor = "";;) {
    const { told, next } = await list(`?limit=1${cursor}`);
    pages.push(...told);
    if (next === null) break;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
  assert.deepEqual(pages, all);
});

Deno.test("from a reading one finds its batch, file, version and object of the lake; from the object the batches inside", async () => {
  await using server = await catalogServer();
  const { batchId, runId } = await filled(server);
  const expected = {
    reading_timestamp: "2024-01-01T00:00:00Z",
    in_postgres: true,
    batch_id: batchId,
    source: "load",
    reference: "train_FD001.txt lines 1-2",
    input: { namespace: "file", name: "train_FD001.txt", inputFacets: { spool_part: { lines: [1, 2] } } },
    code_version: VERSION,
    lake_key: KEY,
    in_lake_object: true,
    check_runs: [],
  };
  for (const timestamp of ["", "&timestamp=2024-01-01T00:00:00Z", "&timestamp=2024-01-01T01:00:00%2B01:00"]) {
    const { readings } = await get(server, `/lineage/readings?engine=ENGINE_001&cycle=1${timestamp}`);
    const [{ received_at, ...found }] = readings;
    assert.deepEqual(found, expected);
    assert.match(received_at, /Z$/);
  }
  const object = await get(server, `/lake/${KEY}`);
  assert.deepEqual([object.key, object.written_by, object.written_at], [
    KEY,
    runId,
    "2024-01-02T00:00:00.123456Z",
  ]);
  assert.deepEqual(
    object.batches.map(({ batch_id, row_count, code_version }: Record<string, unknown>) => [
      batch_id,
      row_count,
      code_version,
    ]),
    [[batchId, 1, VERSION]],
  );
  assert.deepEqual(await get(server, `/lake/${encodeURIComponent(KEY)}`), object);
});

Deno.test("the lake is listed below a prefix, page by page, and the graph has datasets and jobs", async () => {
  await using server = await catalogServer();
  await filled(server);
  const keys = async (query: string) => {
    const { objects, next } = await get(server, `/lake${query}`);
    return [objects.map(({ key }: { key: string }) => key), next];
  };
  assert.deepEqual(await keys(""), [[KEY], null]);
  assert.deepEqual(await keys("?prefix=processed/year%3D2024/&limit=1"), [[KEY], KEY]);
  assert.deepEqual(await keys(`?limit=1&cursor=${encodeURIComponent(KEY)}`), [[], null]);
  assert.deepEqual(await keys("?prefix=raw/"), [[], null]);
  const { nodes, edges } = await get(server, "/lineage/graph");
  assert.ok(nodes.some(({ id }: { id: string }) => id === "job:archive"));
  const archived = edges.find(({ from, to }: { from: string; to: string }) =>
    from === "job:archive" && to === "dataset:processed/"
  );
  assert.equal(archived.runs, 1);
  const later = await get(server, "/lineage/graph?from=2999-01-01T00:00:00Z");
  assert.ok(later.edges.every(({ runs }: { runs: number }) => runs === 0));
});

Deno.test("what is not there is 404, and says what", async () => {
  await using server = await catalogServer();
  for (
    const [path, detail] of [
      ["/assets/nothing", "Cannot find the asset nothing: the catalogue has none of this name"],
      ["/assets/a%22b", 'Cannot find the asset a"b: the catalogue has none of this name'],
      ["/lake/raw/nothing", "Cannot find the object raw/nothing: lake_objects has none of this key"],
      ["/lineage/readings?engine=E&cycle=7", "Cannot find a reading of E in cycle 7"],
      ["/nothing", "Cannot find /catalog/nothing: there is nothing at this path"],
    ]
  ) {
    const { status, body } = await server.get(path);
    assert.equal(status, 404, path);
    assert.deepEqual(body, { ...problem(404, "not-found", "Not found"), detail });
  }
});

Deno.test("a parameter that is not valid is named, with what it may be", async () => {
  await using server = await catalogServer();
  const name = "1 to 64 letters, digits and . _ : -";
  for (
    const [path, detail] of [
      ["/assets?kind=file", 'kind as it must be one of table, view, lake: current value is "file"'],
      ["/assets?tag=", 'tag as it must be 1 to 100 characters: current value is ""'],
      ["/assets?name=x", "name as it must be one of kind, tag, classification, owner, q"],
      ["/assets/engines?x=1", "x as there must be none"],
      ["/lineage?run=7", 'run as it must be a UUID: current value is "7"'],
      [
        "/lineage?from=today",
        'from as it must be a time with a zone such as 2024-01-01T00:00:00Z: current value is "today"',
      ],
      ["/lineage?limit=1001", 'limit as it must be a whole number from 1 to 1000: current value is "1001"'],
      ["/lineage?cursor=x", 'cursor as it must be next of an earlier answer: current value is "x"'],
      ["/lineage/readings?cycle=1", `engine as it must be ${name}: current value is missing`],
      [
        "/lineage/readings?engine=E",
        "cycle as it must be a whole number from 1 to 2147483647: current value is missing",
      ],
      ["/lake?limit=0", 'limit as it must be a whole number from 1 to 1000: current value is "0"'],
    ]
  ) {
    const { status, body } = await server.get(path);
    assert.equal(status, 400, path);
    assert.deepEqual(body, {
      ...problem(400, "invalid-parameter", "A parameter is not valid"),
      detail: `Cannot read the parameter ${detail}`,
    });
  }
});

Deno.test("everything is read with the caller's rights: strangers nothing, signed-in users what they may, only by GET", async () => {
  await using server = await catalogServer();
  await filled(server);
  const user = { authorization: `Bearer ${await server.userToken()}` };
  for (const path of READS) {
    assert.equal((await server.get(path, {})).status, 401, path);
    const denied = await server.get(path, PUBLISHABLE);
    assert.equal(denied.status, 403, `${path} ${JSON.stringify(denied.body)}`);
    const { status, body } = await server.get(path, user);
    assert.equal(status, 200, `${path} ${JSON.stringify(body)}`);
    assert.deepEqual(body, await get(server, path));
    const post = await fetch(server.url + path, { method: "POST", headers: user });
    assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET"]);
    await post.body?.cancel();
  }
});
