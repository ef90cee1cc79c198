import assert from "node:assert/strict";
import type postgres from "postgres";
import { difference } from "../../../scripts/database/difference.ts";
import { migrate, migrations } from "../../../scripts/database/migrations.ts";
import { applySchema } from "../../../scripts/database/schema.ts";
import { applyPlatform } from "../../../scripts/local/platform.ts";
import { connect } from "../../../shared/database.ts";
import { hasPostgres15, type TestDatabase, testDatabase } from "../../support/database.ts";

/** A database with what Supabase brings, and nothing of ours. */
async function bareProject(version: 15 | 17 = 17): Promise<TestDatabase> {
  const db = await testDatabase({ version, empty: true });
  await applyPlatform(db.sql);
  return db;
}

async function builtFromSql(version: 15 | 17): Promise<TestDatabase> {
  const db = await bareProject(version);
  await applySchema(db.sql);
  return db;
}

async function builtFromMigrations(version: 15 | 17): Promise<TestDatabase> {
  const db = await bareProject(version);
  await migrate(db.sql);
  await db.sql`drop schema supabase_migrations cascade`; // the CLI's own bookkeeping
  return db;
}

/** Names of all tables, views and functions in public and partitions. */
async function objects(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select relname as name from pg_class
    where relnamespace in (select oid from pg_namespace where nspname in ('public', 'partitions'))
    union all
    select proname from pg_proc where pronamespace = 'public'::regnamespace
    order by 1`;
  return rows.map(({ name }) => name);
}

/** All comments; pg-delta sees those of tables, columns and functions, and none of a view's columns. */
async function comments(sql: postgres.Sql): Promise<unknown[]> {
  const rows = await sql`
    select object.type, object.identity, description
    from pg_description, pg_identify_object(classoid, objoid, objsubid) as object
    where object.schema in ('public', 'partitions') or object.identity = 'partitions'
    order by object.identity, object.type`;
  return rows.map((row) => ({ ...row }));
}

/** Rows that the schema brings, without the moments at which it brought them and what running a job again said. */
async function broughtRows(sql: postgres.Sql): Promise<unknown> {
  const [row] = await sql`
    select
      (select json_agg(intake_settings) from intake_settings) as settings,
      (select json_agg(json_build_array(name, schedule, period, description) order by name) from jobs) as jobs,
      (select json_agg(to_jsonb(pipelines) order by name) from pipelines) as pipelines,
      (select json_agg(pipeline_tasks order by name) from pipeline_tasks) as tasks,
      (select json_agg(edges order by task, depends_on) from pipeline_task_dependencies as edges) as dependencies,
      (select json_agg(json_build_array(jobname, schedule, command) order by jobname) from cron.job) as cron`;
  return { ...row };
}

for (const version of [17, 15] as const) {
  const test = (name: string, fn: () => Promise<void>) =>
    Deno.test({ name: `${name} (Postgres ${version})`, ignore: version === 15 && !hasPostgres15, fn });

  test("the migrations and sql/ give the same catalog, in both directions, and the same rows", async () => {
    await using migrated = await builtFromMigrations(version);
    await using desired = await builtFromSql(version);

    assert.deepEqual(await difference(migrated.url, desired.url), []);
    assert.deepEqual(await difference(desired.url, migrated.url), []);
    assert.deepEqual(await broughtRows(migrated.sql), await broughtRows(desired.sql));
    assert.deepEqual(await objects(migrated.sql), await objects(desired.sql));
    assert.deepEqual(await comments(migrated.sql), await comments(desired.sql));
  });

  const changes: [string, string, RegExp][] = [
    [
      "a column's type",
      "alter table delivery_receipts alter column stream type varchar(20)",
      /delivery_receipts.*stream/is,
    ],
    ["a column more", "alter table engines add column colour text", /engines.*colour/is],
    [
      "a column's default",
      "alter table engines alter column status set default 'retired'",
      /engines.*status/is,
    ],
    [
      "a column's not null",
      "alter table sensor_data alter column batch_id drop not null",
      /sensor_data.*batch_id/is,
    ],
    ["a table's comment", "comment on table engines is 'Engines.'", /comment on table.*engines/is],
    [
      "a column's comment",
      "comment on column sensor_data.s2 is 'T24'",
      /comment on column.*sensor_data.*s2/is,
    ],
    ["a grant", "grant insert on dead_letters to authenticated", /revoke.*dead_letters.*authenticated/is],
    [
      "a function's grant",
      "grant execute on function record_dead_letters to anon",
      /revoke.*record_dead_letters.*anon/is,
    ],
    ["a policy", "drop policy engines_read on engines", /create policy.*engines_read/is],
    ["row security", "alter table jobs disable row level security", /jobs.*enable row level security/is],
    ["an index", "drop index batches_received_at", /create index.*batches_received_at/is],
    [
      "a check",
      "alter table intake_settings drop constraint intake_settings_accepted_ahead_check",
      /intake_settings_accepted_ahead_check/i,
    ],
    [
      "a function's body",
      "create or replace function fill_sensor_data_partition_gaps(as_of timestamptz default now()) returns integer language sql volatile set search_path = '' as 'select 1'",
      /fill_sensor_data_partition_gaps/i,
    ],
    [
      "a view",
      "create or replace view training_data with (security_invoker = false) as select * from training_data",
      /training_data/i,
    ],
  ];
  test("a change of any of the kinds that sql/ uses is noticed", async () => {
    await using desired = await builtFromSql(version);
    await using changed = await builtFromSql(version);
    assert.deepEqual(await difference(changed.url, desired.url), []);

    for (const [what, change, statement] of changes) {
      const view = (await changed.sql`select pg_get_viewdef('training_data'::regclass) as text`)[0].text;
      await changed.sql.unsafe(change.replace("select * from training_data", view));
      const statements = await difference(changed.url, desired.url);
      assert.match(statements.join(";\n"), statement, what);
      // what it wrote makes the databases equal again
      await changed.sql.unsafe(statements.join(";\n"));
      assert.deepEqual(await difference(changed.url, desired.url), [], what);
    }
  });
}

Deno.test("migrating again applies nothing", async () => {
  await using db = await bareProject();
  const all = await migrations();

  assert.deepEqual((await migrate(db.sql)).map(({ version }) => version), all.map(({ version }) => version));
  const before = await objects(db.sql);
  assert.deepEqual(await migrate(db.sql), []);
  assert.deepEqual(await objects(db.sql), before);
});

Deno.test("a dry run says what it would apply and changes nothing", async () => {
  await using db = await bareProject();
  assert.deepEqual(await migrate(db.sql, { dryRun: true }), await migrations());
  assert.deepEqual(await objects(db.sql), []);
  const [{ schema }] = await db.sql`select to_regnamespace('supabase_migrations') as schema`;
  assert.equal(schema, null);

  await migrate(db.sql);
  assert.deepEqual(await migrate(db.sql, { dryRun: true }), []);
});

Deno.test("two that migrate at once both succeed, and each migration is applied once", async () => {
  for (let round = 0; round < 5; round++) {
    await using db = await bareProject();
    const other = connect(db.url, 1);
    await Promise.all([db.sql`select 1`, other`select 1`]);

    const both = await Promise.allSettled([migrate(db.sql), migrate(other)]);
    await other.end();

    for (const each of both) assert.equal(each.status, "fulfilled", String(Reflect.get(each, "reason")));
    const rows = await db.sql`select version from supabase_migrations.schema_migrations order by version`;
    assert.deepEqual(rows.map(({ version }) => version), (await migrations()).map(({ version }) => version));
  }
});

Deno.test("a migration that fails leaves nothing behind, says which it was, and can be applied later", async () => {
  await using db = await bareProject();
  // the last table of the first migration is in its way
  await db.sql`create table public.rul_predictions (n integer)`;

  const [{ version, name }] = await migrations();
  await assert.rejects(migrate(db.sql), (error: Error) => {
    assert.equal(error.message, `Cannot apply migration ${version}_${name}`);
    assert.equal((error.cause as postgres.PostgresError).code, "42P07");
    return true;
  });
  assert.deepEqual(await objects(db.sql), ["rul_predictions"]);
  assert.equal((await db.sql`select from supabase_migrations.schema_migrations`).length, 0);

  await db.sql`drop table public.rul_predictions`;
  assert.deepEqual(await migrate(db.sql), await migrations());
});

Deno.test("what is applied is remembered in the columns that the Supabase CLI reads and writes", async () => {
  await using db = await bareProject();
  await migrate(db.sql);

  const columns = await db.sql`
    select attname, format_type(atttypid, atttypmod) as type, attnotnull as required
    from pg_attribute
    where attrelid = 'supabase_migrations.schema_migrations'::regclass and attnum > 0 order by attnum`;
  assert.deepEqual(columns.map((column) => ({ ...column })), [
    { attname: "version", type: "text", required: true },
    { attname: "statements", type: "text[]", required: false },
    { attname: "name", type: "text", required: false },
  ]);
  const rows = await db
    .sql`select version, name, statements from supabase_migrations.schema_migrations order by version`;
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    (await migrations()).map(({ version, name, text }) => ({ version, name, statements: [text] })),
  );
});

Deno.test("what the Supabase CLI has applied is not applied again", async () => {
  await using db = await bareProject();
  // as the CLI makes it, statement by statement, with a column of its own
  await db.sql`create schema supabase_migrations`;
  await db.sql`create table supabase_migrations.schema_migrations (version text not null primary key)`;
  await db.sql`alter table supabase_migrations.schema_migrations add column statements text[]`;
  await db.sql`alter table supabase_migrations.schema_migrations add column name text`;
  await db.sql`alter table supabase_migrations.schema_migrations add column created_by text unique`;
  for (const { version, name } of await migrations()) {
    await db.sql`
      insert into supabase_migrations.schema_migrations (version, name, statements)
      values (${version}, ${name}, array['create table …', 'comment on …'])`;
  }

  assert.deepEqual(await migrate(db.sql), []);
  assert.deepEqual(await objects(db.sql), []);
});

Deno.test("migrations are in the order of their versions, and say that they are generated", async () => {
  const all = await migrations();
  assert.ok(all.length > 0);
  assert.deepEqual(all.map(({ version }) => version), all.map(({ version }) => version).sort());
  for (const { text } of all) assert.match(text, /^-- Written by `deno task db:migration` from sql\//);
});
