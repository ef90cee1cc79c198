import assert from "node:assert/strict";
import type postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { newProject, oldProject } from "../support/projects.ts";
import { candidates, reading } from "../support/readings.ts";
import { RELATIONS } from "../support/role_matrix.ts";
import { storedMonths } from "../support/stored.ts";

const ORIGIN = { source: "ingest", reference: null } as const;

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
      assert.deepEqual(rows.map(({ relname }) => relname), Object.keys(RELATIONS).sort());
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
      test(`${role} has nothing on sequences and on partitions`, async ({ sql }) => {
        await storeBatch(sql, ORIGIN, candidates([reading()]));
        const sequences = await sql`
          select relname from pg_class
          where relnamespace = 'public'::regnamespace
            and case relkind when 'S' then has_sequence_privilege(${role}, oid, 'USAGE, SELECT, UPDATE') end`;
        assert.deepEqual(sequences.map(({ relname }) => relname), []);

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
  }
}

Deno.test("a view shows a caller no more than the tables under it do", async () => {
  await using db = await testDatabase();
  const others = await db.sql`
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'v'
      and coalesce(reloptions, '{}') <> '{security_invoker=true}'`;
  assert.deepEqual([...others], []);
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
