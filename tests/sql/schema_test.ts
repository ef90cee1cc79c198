import assert from "node:assert/strict";
import type postgres from "postgres";
import { migrate } from "../../scripts/database/migrations.ts";
import { applyPlatform } from "../../scripts/local/platform.ts";
import { storeBatch } from "../../shared/intake.ts";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { candidates, reading } from "../support/readings.ts";
import { storedMonths } from "../support/stored.ts";

const ORIGIN = { source: "ingest", reference: null } as const;

/** As new Supabase projects are: the API roles get nothing on new objects. */
async function newProject(version: 15 | 17): Promise<TestDatabase> {
  return await testDatabase({ version });
}

/** As older projects are, and worse: the API roles get everything on new objects, in every schema. */
async function oldProject(version: 15 | 17): Promise<TestDatabase> {
  const db = await testDatabase({ version, empty: true });
  await applyPlatform(db.sql);
  for (const kind of ["tables", "sequences", "functions"]) {
    await db.sql.unsafe(`alter default privileges grant all on ${kind} to anon, authenticated, service_role`);
    await db.sql.unsafe(
      `alter default privileges in schema public grant all on ${kind} to anon, authenticated, service_role`,
    );
  }
  await migrate(db.sql);
  return db;
}

const READ_BY_USERS = [
  // readings
  "engines",
  "sensor_data",
  "training_data",
  // intake
  "batches",
  "delivery_receipts",
  "stream_checkpoints",
  "stream_readers",
  // expectations
  "classified_readings",
  "effective_expectations",
  "expectation_versions",
  "expectations",
  "operating_conditions",
  "reading_bounds",
  // quality
  "anomalies",
  "check_runs",
  "engine_health_reports",
  "retraining_decisions",
  "declared_columns",
  "engine_cadences",
  "reading_rollups",
  "rollup_horizon",
  "sensor_data_changes",
  "sensor_values",
  "wear_signatures",
  "data_quality_metrics",
  "engine_baselines",
  "quality_settings",
  "sensor_baselines",
  "sensor_drift",
  // alerts
  "alert_channels",
  "alert_deliveries",
  "alert_events",
  "alert_settings",
  "alerts",
  "open_alerts",
  // predictions
  "rul_predictions",
  // pipeline
  "pipeline_runs",
  "pipeline_status",
  "pipeline_task_dependencies",
  "pipeline_tasks",
  "pipelines",
  "task_attempts",
  "task_runs",
  // lake, lineage, catalogue, audit
  "asset_schema_changes",
  "asset_schemas",
  "audit_log",
  "catalog_assets",
  "data_assets",
  "lake_object_batches",
  "lake_objects",
  "lineage",
  "lineage_events",
  "lineage_forwarding",
  "lineage_forwards",
  "sensor_data_days",
  // jobs
  "jobs",
  // views of quality
  "engine_health",
  "quality_summary",
];
const RELATIONS = [
  ...READ_BY_USERS,
  "dead_letters",
  "intake_settings",
].sort();

const WRITTEN_BY_THE_SERVICE = [
  "alert_channels",
  "data_assets",
  "data_quality_metrics",
  "dead_letters",
  "engines",
  "expectations",
  "operating_conditions",
  "rul_predictions",
];
/** Tables of one row, which must stay. */
const SETTINGS = [
  "alert_settings",
  "intake_settings",
  "quality_settings",
];

/** What each API role may do with each relation of public, as `relation: PRIVILEGE, …`. */
function grants(role: string): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  const grant = (relations: string[], ...privileges: string[]) => {
    for (const relation of relations) all[relation] = [...all[relation] ?? [], ...privileges].sort();
  };
  if (role === "authenticated") grant(READ_BY_USERS, "SELECT");
  if (role === "service_role") {
    grant(RELATIONS, "SELECT");
    grant(WRITTEN_BY_THE_SERVICE, "INSERT", "UPDATE", "DELETE");
    grant(SETTINGS, "UPDATE");
    grant(["asset_schemas"], "INSERT"); // by the trigger of data_assets
  }
  return all;
}

const PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];

/** What Postgres says a role may do, on all of a relation or on any column of it. */
async function privileges(sql: postgres.Sql, role: string): Promise<Record<string, string[]>> {
  const rows = await sql`
    select relname, privilege
    from pg_class, unnest(${PRIVILEGES}::text[]) as privilege
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
      and (
        has_table_privilege(${role}, pg_class.oid, privilege)
        or privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
          and has_any_column_privilege(${role}, pg_class.oid, privilege)
      )
    order by relname, privilege collate "C"`;
  const all: Record<string, string[]> = {};
  for (const { relname, privilege } of rows) (all[relname] ??= []).push(privilege);
  return all;
}

/** Runs statements as a role, as the Data API does. */
async function as(sql: postgres.Sql, role: string, statement: string): Promise<postgres.Row[]> {
  return await sql.begin(async (tx) => {
    await tx.unsafe(`set local role ${role}`);
    return await tx.unsafe(statement);
  }) as postgres.Row[];
}

for (const version of [17, 15] as const) {
  for (const [project, make] of [["a new project", newProject], ["an older project", oldProject]] as const) {
    const test = (name: string, fn: (db: TestDatabase) => Promise<void>) =>
      Deno.test({
        name: `${name} (Postgres ${version}, ${project})`,
        ignore: version === 15 && !hasPostgres15,
        async fn() {
          await using db = await make(version);
          await fn(db);
        },
      });

    test("public holds the known tables and views, and no partition", async ({ sql }) => {
      await storeBatch(sql, ORIGIN, candidates([reading()]));
      const rows = await sql`
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
        order by relname collate "C"`;
      assert.deepEqual(rows.map(({ relname }) => relname), RELATIONS);
    });

    test("every table, view, column and function of public says what it is", async ({ sql }) => {
      const rows = await sql`
        select format('%s.%s', relname, attname) as name
        from pg_class
        left join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
          and (col_description(pg_class.oid, attnum) is null or obj_description(pg_class.oid, 'pg_class') is null)
        union all
        select oid::regprocedure::text from pg_proc
        where pronamespace = 'public'::regnamespace and obj_description(oid, 'pg_proc') is null
        union all
        select nspname from pg_namespace
        where nspname in ('partitions') and obj_description(oid, 'pg_namespace') is null
        order by 1`;
      assert.deepEqual(rows.map(({ name }) => name), []);
    });

    test("row security is on for every table of public and every partition, now and later", async ({ sql }) => {
      const open = async () =>
        (await sql`
          select oid::regclass::text as name from pg_class
          where relnamespace in ('public'::regnamespace, 'partitions'::regnamespace) and relkind in ('r', 'p')
            and not relrowsecurity`).map(({ name }) => name);
      assert.deepEqual(await open(), []);

      await storeBatch(sql, ORIGIN, candidates([reading()]));
      assert.ok((await storedMonths(sql)).includes("2024_01"));
      assert.deepEqual(await open(), []);

      await sql`create table public.control (n integer)`;
      assert.deepEqual(await open(), ["control"]);
    });

    for (const role of ["anon", "authenticated", "service_role"]) {
      test(`${role} has on tables and views exactly what table_access.sql says`, async ({ sql }) => {
        assert.deepEqual(await privileges(sql, role), grants(role));
      });

      test(`${role} has nothing on sequences, on functions only those that read, on partitions nothing`, async ({ sql }) => {
        await storeBatch(sql, ORIGIN, candidates([reading()]));
        const sequences = await sql`
          select relname from pg_class
          where relnamespace = 'public'::regnamespace
            and case relkind when 'S' then has_sequence_privilege(${role}, oid, 'USAGE, SELECT, UPDATE') end`;
        assert.deepEqual(sequences.map(({ relname }) => relname), []);

        const functions = await sql`
          select proname from pg_proc
          where pronamespace = 'public'::regnamespace and has_function_privilege(${role}, oid, 'EXECUTE')
          order by proname collate "C"`;
        const expected = role === "anon" ? [] : [
          "asset_columns",
          "batch_input",
          "check_assertions",
          "expectation_verdict",
          "export_expectation_suite",
          "find_assets",
          "find_lineage",
          "lake_listing",
          "lake_object_contents",
          "lineage_coverage",
          "lineage_graph",
          "openlineage_datasets",
          "openlineage_event",
          "openlineage_facets",
          "quality_summary_between",
          "reading_lineage",
          "sensor_data_partition_report",
          "spool_version",
          "task_datasets",
        ];
        assert.deepEqual(functions.map(({ proname }) => proname), expected);

        const [{ usage }] =
          await sql`select has_schema_privilege(${role}, 'partitions', 'USAGE, CREATE') as usage`;
        assert.equal(usage, false);
      });

      test(`${role} cannot read a partition directly, one that the migrations made or a later one`, async ({ sql }) => {
        await storeBatch(sql, ORIGIN, candidates([reading()]));
        const months = await storedMonths(sql);
        for (const month of [months[0], months.at(-1)!]) {
          await assert.rejects(as(sql, role, `select * from partitions.sensor_data_${month}`), {
            code: "42501",
          });
        }
        // nor, were the schema opened by somebody, would a user see rows
        if (role === "service_role") return;
        await sql.unsafe(`grant usage on schema partitions to ${role}`);
        await sql.unsafe(`grant select on all tables in schema partitions to ${role}`);
        assert.equal((await as(sql, role, "select * from partitions.sensor_data_2024_01")).length, 0);
      });
    }

    test("the functions that write are for their owner alone", async ({ sql }) => {
      const calls = [
        "ingest_readings(gen_random_uuid(), 'x', null, 0, false, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', " +
        "'{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
        "record_dead_letters(gen_random_uuid(), 'x', null, '[]')",
        "create_sensor_data_partitions('{2024-01-01}')",
        "fill_sensor_data_partition_gaps()",
        "maintain_sensor_data_partitions()",
        "advance_pipelines()",
        "backfill_pipeline('hourly', '2024-01-01', '2024-01-02')",
        "claim_task('w', '1 minute')",
        "cancel_overdue_tasks()",
        "wake_worker()",
        "lineage_to_forward(1)",
        "settle_forwarding()",
        "task_lineage(now())",
      ];
      for (const call of calls) {
        for (const role of ["anon", "authenticated", "service_role"]) {
          await assert.rejects(as(sql, role, `select public.${call}`), { code: "42501" }, `${role} ${call}`);
        }
        await sql.unsafe(`select public.${call}`); // the control: the call itself is a good one
      }
      for (const role of ["anon", "authenticated", "service_role"]) {
        await assert.rejects(as(sql, role, "call public.pipeline_tick()"), { code: "42501" }, role);
      }
    });

    test("a signed-in user reads readings, predictions and training data, not payloads, and writes nothing", async ({ sql }) => {
      await storeBatch(sql, ORIGIN, candidates([reading(), { secret: 1 }]));
      await sql`update engines set life_cycles = 10, rul_cap = 125`;

      assert.ok((await as(sql, "authenticated", "select * from public.jobs")).length > 0);
      assert.ok((await as(sql, "authenticated", "select * from public.pipeline_status")).length > 0);
      for (const table of ["engines", "sensor_data", "batches", "training_data"]) {
        assert.equal((await as(sql, "authenticated", `select * from public.${table}`)).length, 1, table);
      }
      for (
        const statement of [
          "select payload from public.dead_letters",
          "select * from public.intake_settings",
          "insert into public.engines (unit_number) values ('X')",
          "update public.engines set status = 'retired'",
          "delete from public.sensor_data",
          "truncate public.sensor_data",
          "update public.intake_settings set unknown_engines = 'reject'",
          "select nextval('public.dead_letters_id_seq')",
        ]
      ) {
        await assert.rejects(as(sql, "authenticated", statement), { code: "42501" }, statement);
      }
    });

    test("a stranger reads nothing at all", async ({ sql }) => {
      for (const relation of RELATIONS) {
        await assert.rejects(
          as(sql, "anon", `select * from public.${relation}`),
          { code: "42501" },
          relation,
        );
      }
      await assert.rejects(as(sql, "anon", "select * from public.sensor_data_partition_report()"), {
        code: "42501",
      });
    });
  }
}

Deno.test("the view for training shows a caller no more than the tables under it do", async () => {
  await using db = await testDatabase();
  const [{ reloptions }] = await db
    .sql`select reloptions from pg_class where oid = 'public.training_data'::regclass`;
  assert.deepEqual(reloptions, ["security_invoker=true"]);
});

Deno.test("labels count down to the engine's life and are capped by its cap", async () => {
  await using db = await testDatabase();
  const batch = [1, 2, 3, 4].map((cycle) => reading({ cycle }));
  await storeBatch(db.sql, ORIGIN, candidates([...batch, reading({ engine_id: "UNKNOWN_LIFE" })]));
  await db.sql`update engines set life_cycles = 5, rul_cap = 3 where unit_number = 'ENGINE_001'`;
  const labels = async () =>
    (await db.sql`select rul, rul_uncapped from training_data order by cycle`).map((
      row,
    ) => [row.rul, row.rul_uncapped]);

  assert.deepEqual(await labels(), [[3, 4], [3, 3], [2, 2], [1, 1]]);
  await db.sql`update engines set rul_cap = null where unit_number = 'ENGINE_001'`;
  assert.deepEqual(await labels(), [[4, 4], [3, 3], [2, 2], [1, 1]]);
});

const violations: [string, string][] = [
  ["a status that is none", "update engines set status = 'flying'"],
  [
    "a batch that does not add up",
    `insert into batches (id, source, received, accepted, duplicates, rejected)
    values (gen_random_uuid(), 'x', 3, 1, 1, 0)`,
  ],
  ["a second row of settings", "insert into intake_settings (id) values (false)"],
  ["a window of more than a year ahead", "update intake_settings set accepted_ahead = '400 days'"],
  [
    "a verdict that is none",
    "insert into data_quality_metrics (table_name, metric_name, metric_value, status) values ('t', 'm', 1, 'ok')",
  ],
  [
    "a verdict without a value",
    "insert into data_quality_metrics (table_name, metric_name, status) values ('t', 'm', 'pass')",
  ],
  [
    "a negative prediction",
    `insert into rul_predictions (engine_id, cycle, predicted_rul, model_name, model_version)
    select id, 1, -1, 'm', '1' from engines`,
  ],
  [
    "an infinite prediction",
    `insert into rul_predictions (engine_id, cycle, predicted_rul, model_name, model_version)
    select id, 1, 'NaN', 'm', '1' from engines`,
  ],
  [
    "an interval that does not hold its prediction",
    `insert into rul_predictions
    (engine_id, cycle, predicted_rul, lower_bound, upper_bound, interval_level, model_name, model_version)
    select id, 1, 10, 11, 12, 0.9, 'm', '1' from engines`,
  ],
];
for (const [what, statement] of violations) {
  Deno.test(`the database refuses ${what}`, async () => {
    await using db = await testDatabase();
    await db.sql`insert into engines (unit_number) values ('E')`;
    await assert.rejects(db.sql.unsafe(statement), { code: "23514" });
  });
}
