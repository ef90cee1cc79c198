import assert from "node:assert/strict";
import { join } from "node:path";
import type postgres from "postgres";
import { FIREHOSE_PREFIX, WRITTEN_PREFIXES } from "../../scripts/aws/lake.ts";
import { migrations } from "../../scripts/database/migrations.ts";
import { applyPlatform } from "../../scripts/local/platform.ts";
import { storeBatch } from "../../shared/intake.ts";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { candidates, readings } from "../support/readings.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

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

/** Tables and views of public that no asset is about, and assets that are about nothing. */
async function uncatalogued(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select coalesce(relation.name, asset.name) as name
    from (
      select relname::text as name, case when relkind in ('v', 'm') then 'view' else 'table' end as kind
      from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
    ) as relation
    full join (select name, kind from data_assets where kind <> 'lake') as asset using (name, kind)
    where relation.name is null or asset.name is null
    order by 1`;
  return rows.map(({ name }) => name);
}

/** Names in sources, transforms and consumers that nothing has, with the asset that uses each. */
async function dangling(sql: postgres.Sql): Promise<string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const functions = [...Deno.readDirSync(join(ROOT, "functions"))].map(({ name }) => `/${name}`);
  const routines = (await sql`
    select distinct proname || '()' as name from pg_proc where pronamespace = 'public'::regnamespace`)
    .map(({ name }) => name);
  const known = new Set([
    ...functions,
    ...routines,
    ...Object.keys(tasks).map((name) => `deno task ${name}`),
  ]);
  const assets = await sql`select name, sources, transforms, consumers from data_assets`;
  const names = new Set(assets.map(({ name }) => name));
  return assets.flatMap(({ name, sources, transforms, consumers }) => {
    const outside = (used: string) => /^outside: \S/.test(used);
    return [
      ...sources.filter((used: string) => !outside(used) && !names.has(used)),
      ...[...transforms, ...consumers].filter((used: string) =>
        !outside(used) && !known.has(used) && !names.has(used)
      ),
    ].map((used) => `${name}: ${used}`);
  });
}

test("every table and every view of public is an asset, and every such asset is one of them", async ({ sql }) => {
  assert.deepEqual(await uncatalogued(sql), []);
  await sql`create table nobody_knows (n integer)`;
  await sql`create view nobody_sees as select 1 as n`;
  await sql`drop view open_alerts`;
  assert.deepEqual(await uncatalogued(sql), ["nobody_knows", "nobody_sees", "open_alerts"]);
});

test("every prefix of the lake is an asset: those of the layout, and those that the bucket's rules know", async ({ sql }) => {
  const prefixes = (await sql`select name from data_assets where kind = 'lake'`).map(({ name }) => name);
  assert.deepEqual(prefixes.sort(), [
    "backups/daily/",
    "processed/",
    "processed/train-test-split/",
    "quality/expectations/",
    "quality/reports/",
    "raw/",
    "streaming/archived/",
    "streaming/kinesis-firehose/",
  ]);
  for (const written of [...WRITTEN_PREFIXES, FIREHOSE_PREFIX]) {
    assert.ok(prefixes.some((prefix) => prefix.startsWith(written)), written);
  }
});

test("what assets are made of, what makes them and who reads them exists", async ({ sql }) => {
  assert.deepEqual(await dangling(sql), []);
  await sql`
    update data_assets set sources = '{nothing}', transforms = '{vanish(), "outside: somebody"}', consumers = '{/nowhere, "deno task nap"}'
    where name = 'engines'`;
  assert.deepEqual(await dangling(sql), [
    "engines: nothing",
    "engines: vanish()",
    "engines: /nowhere",
    "engines: deno task nap",
  ]);
});

test("a view's sources are all that Postgres knows that it reads", async ({ sql }) => {
  const missing = async () =>
    (await sql`
      select distinct format('%s: %s', view.relname, read.relname) as name
      from pg_depend
      join pg_rewrite on pg_rewrite.oid = pg_depend.objid
      join pg_class as view on view.oid = pg_rewrite.ev_class and view.relnamespace = 'public'::regnamespace
      join pg_class as read on read.oid = pg_depend.refobjid and read.relnamespace = 'public'::regnamespace
      join data_assets on data_assets.name = view.relname
      where pg_depend.classid = 'pg_rewrite'::regclass and pg_depend.refclassid = 'pg_class'::regclass
        and read.oid <> view.oid and read.relname <> all (data_assets.sources)
      order by 1`).map(({ name }) => name);
  assert.deepEqual(await missing(), []);
  await sql`update data_assets set sources = '{sensor_data}' where name = 'training_data'`;
  assert.deepEqual(await missing(), ["training_data: engines"]);
});

test("who may read and how long it is kept is as the issue wants it", async ({ sql }) => {
  const of = async (what: string) =>
    Object.fromEntries(
      (await sql.unsafe(`select name, ${what} as it from data_assets`)).map((row) => [row.name, row.it]),
    );
  const classification = await of("classification");
  const confidential = Object.keys(classification).filter((name) => classification[name] !== "internal")
    .sort();
  assert.deepEqual(confidential, [
    "audit_log",
    "backups/daily/",
    "dead_letters",
    "intake_settings",
    "streaming/archived/",
    "streaming/kinesis-firehose/",
  ]);
  const { sensor_data, audit_log, lineage_events, dead_letters, delivery_receipts, check_runs } = await of(
    "retention_days",
  );
  assert.deepEqual(
    { sensor_data, audit_log, lineage_events, dead_letters, delivery_receipts, check_runs },
    {
      sensor_data: 2555,
      audit_log: 2555,
      lineage_events: 2555,
      dead_letters: 365,
      delivery_receipts: 3,
      check_runs: 90,
    },
  );
});

const SEED = await Deno.readTextFile(join(ROOT, "sql/90_jobs/standard_assets.sql"));

test("what somebody has changed in the catalogue stays when a migration runs the seed again; versions only go up", async ({ sql }) => {
  await sql`update data_assets set owner = 'me', retention_days = 7, classification = 'restricted', schema_version = 5 where name = 'delivery_receipts'`;
  await sql`delete from data_assets where name = 'anomalies'`;
  await sql.unsafe(SEED);
  const [receipts] =
    await sql`select owner, retention_days, classification, schema_version from data_assets where name = 'delivery_receipts'`;
  assert.deepEqual(Object.values(receipts), ["me", 7, "restricted", 5]);
  assert.equal((await sql`select from data_assets where name = 'anomalies'`).length, 1);

  await sql.unsafe(
    SEED.replace(
      "('delivery_receipts', 'table', null, 'data-engineering', 'internal', 'bronze', 1,",
      "('delivery_receipts', 'table', null, 'data-engineering', 'internal', 'bronze', 6,",
    ),
  );
  const [raised] = await sql`select owner, schema_version from data_assets where name = 'delivery_receipts'`;
  assert.deepEqual(Object.values(raised), ["me", 6]);
});

test("a column that changes without a new version shows as what it was and is, until the version is raised", async ({ sql }) => {
  const changes = async () =>
    (await sql`select asset, column_name, change, recorded, live from asset_schema_changes order by asset, column_name`)
      .map((row) => Object.values(row));
  assert.deepEqual(await changes(), []);
  await sql`alter table batches add column extra text`;
  await sql`alter table batches alter column source drop not null`;
  await sql`alter table stream_readers rename column stream to river`;
  await sql`alter table rollup_horizon alter column id type integer using 1`.catch(() => {}); // its check forbids it
  await sql`alter table task_attempts alter column executor type varchar(80)`;
  await sql`comment on column batches.received is 'Another comment is no change.'`;
  assert.deepEqual(await changes(), [
    ["batches", "extra", "added", null, "text"],
    ["batches", "source", "nullability changed", "text not null", "text"],
    ["stream_readers", "river", "added", null, "text not null"],
    ["stream_readers", "stream", "removed", "text not null", null],
    ["task_attempts", "executor", "type changed", "text not null", "character varying(80) not null"],
  ]);
  await sql`update data_assets set schema_version = schema_version + 1 where name in ('batches', 'stream_readers', 'task_attempts')`;
  assert.deepEqual(await changes(), []);
  const versions =
    await sql`select version, jsonb_array_length(columns) as n from asset_schemas where asset = 'batches' order by 1`;
  assert.equal(versions.at(-1)!.n - versions.at(-2)!.n, 1);
  // an older version is what it was
  await sql`update data_assets set schema_version = schema_version - 1 where name = 'batches'`;
  assert.equal((await changes()).length, 2);
});

Deno.test("no release has changed the columns of an asset without raising its version", async () => {
  await using db = await testDatabase({ empty: true });
  await applyPlatform(db.sql);
  let catalogued = 0;
  for (const { name, text } of await migrations()) {
    await db.sql.begin((tx) => tx.unsafe(text));
    const [{ exists }] = await db.sql`select to_regclass('asset_schema_changes') is not null as exists`;
    if (!exists) continue;
    catalogued++;
    const changes = await db.sql`select * from asset_schema_changes`;
    assert.deepEqual([...changes], [], `${name}: raise schema_version in sql/90_jobs/standard_assets.sql`);
  }
  assert.ok(catalogued > 0);
});

test("the catalogue reads columns, sizes and changes from the live database", async ({ sql }) => {
  await sql`insert into engines (unit_number) select 'E' || n from generate_series(1, 40) as n`;
  await sql`alter table engines add column invented numeric(5, 2) not null default 0`;
  await sql`comment on column engines.invented is 'Nobody expected it.'`;
  await sql`analyze engines`;
  const asset = async (name: string) => (await sql`select * from catalog_assets where name = ${name}`)[0];
  const engines = await asset("engines");
  assert.deepEqual(engines.columns.at(-1), {
    name: "invented",
    type: "numeric(5,2)",
    nullable: false,
    description: "Nobody expected it.",
  });
  assert.deepEqual([Number(engines.approximate_rows), engines.objects], [40, null]);
  assert.ok(engines.downstream.includes("training_data"));

  // of a partitioned table it is the sum of the months
  const sensorData = await asset("sensor_data");
  assert.equal(sensorData.columns.length, 22);
  assert.deepEqual([sensorData.last_change, sensorData.approximate_rows], [null, null]);
  await storeBatch(sql, { source: "ingest", reference: null }, candidates(readings(70)));
  await sql`analyze sensor_data`;
  const stored = await asset("sensor_data");
  assert.deepEqual([Number(stored.approximate_rows), stored.last_change instanceof Date], [70, true]);
  await sql`
    insert into ingest_nothing select 1`.catch(() => {});
  await sql`
    insert into lake_objects (key, kind, bytes, sha256, written_at)
    select key, 'split', 5, repeat('a', 64), '2024-01-02T00:00:00Z'
    from unnest(array['processed/train-test-split/a', 'processed/b', 'backups/daily/c']) as key`;
  const lake = async (name: string) => {
    const { objects, bytes, last_change, columns } = await asset(name);
    return [Number(objects), Number(bytes), last_change?.toISOString() ?? null, columns];
  };
  assert.deepEqual(await lake("processed/"), [2, 10, "2024-01-02T00:00:00.000Z", null]);
  assert.deepEqual(await lake("processed/train-test-split/"), [1, 5, "2024-01-02T00:00:00.000Z", null]);
  assert.deepEqual(await lake("raw/"), [0, 0, null, null]);
});

test("assets are found by kind, tag, classification, owner and all of some words in any case", async ({ sql }) => {
  const find = async (filter: postgres.PendingQuery<postgres.Row[]>) =>
    (await sql`select name from find_assets(${filter})`).map(({ name }) => name);
  assert.deepEqual(await find(sql`classification => 'confidential', kind => 'table'`), [
    "audit_log",
    "dead_letters",
    "intake_settings",
  ]);
  assert.deepEqual(await find(sql`tag => 'parquet'`), ["processed/", "processed/train-test-split/"]);
  assert.deepEqual(await find(sql`owner => 'security'`), ["audit_log"]);
  assert.deepEqual(await find(sql`q => ' REMAINING  predicted '`), ["rul_predictions"]);
  assert.deepEqual(await find(sql`q => 'a%b_'`), []);
  assert.deepEqual(await find(sql`owner => 'nobody'`), []);
  const [{ n }] = await sql`select count(*)::int as n from data_assets`;
  assert.equal((await find(sql`q => ''`)).length, n);
});

test("the lake is listed by prefix and page in the order of its keys, and an object shows the batches inside", async ({ sql }) => {
  const keys = ["processed/B", "processed/a", "processed/year=2024/x", "processed_other/x", "raw/z"];
  await sql`
    insert into lake_objects (key, kind, bytes, sha256)
    select key, 'split', 5, repeat('a', 64) from unnest(${keys}::text[]) as key`;
  const list = async (filter: postgres.PendingQuery<postgres.Row[]>) =>
    (await sql`select key from lake_listing(${filter})`).map(({ key }) => key);
  assert.deepEqual(await list(sql`prefix => ''`), keys);
  assert.deepEqual(await list(sql`prefix => 'processed/'`), keys.slice(0, 3));
  assert.deepEqual(await list(sql`prefix => 'processed_'`), ["processed_other/x"]);
  assert.deepEqual(await list(sql`max_rows => 2`), keys.slice(0, 2));
  assert.deepEqual(await list(sql`after => 'processed/a', max_rows => 2`), keys.slice(2, 4));

  const [{ id }] = await sql`
    insert into batches (id, source, reference, received, accepted, duplicates, rejected)
    values (gen_random_uuid(), 'load', 'train_FD001.txt lines 1-9', 0, 0, 0, 0) returning id`;
  const gone = crypto.randomUUID();
  await sql`insert into lake_object_batches values ('raw/z', ${id}, 9), ('raw/z', ${gone}, 1)`;
  const [{ object }] = await sql`select lake_object_contents('raw/z') as object`;
  assert.equal(object.key, "raw/z");
  assert.deepEqual(
    object.batches.map(({ batch_id, row_count, input }: Record<string, { name?: string }>) => [
      batch_id,
      row_count,
      input?.name ?? null,
    ]),
    [[id, 9, "train_FD001.txt"], [gone, 1, null]],
  );
  const [{ nothing }] = await sql`select lake_object_contents('raw/nothing') as nothing`;
  assert.equal(nothing, null);
});
