/** What each caller can do with each table, view and function: tried, printed, and compared with what is meant. */

import assert from "node:assert/strict";
import postgres from "postgres";
import { storeBatch } from "../../shared/intake.ts";
import { type Caller, CALLERS, FUNCTIONS, RELATIONS } from "../support/role_matrix.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";
import { newProject, oldProject } from "../support/projects.ts";
import { candidates, reading } from "../support/readings.ts";

const CALLER_NAMES = Object.keys(CALLERS) as Caller[];

/** What trying to read came to. */
type Read = "rows" | "none" | "refused";

/** Puts a row into every table that has none, so that nothing seen means nothing shown. */
async function fill(sql: postgres.Sql): Promise<void> {
  const origin = { source: "ingest", reference: null } as const;
  const hour = new Date(Date.now() - 3_600_000).toISOString();
  await storeBatch(sql, origin, candidates([reading({ timestamp: hour }), { s2: "hot" }]));
  await sql`update engines set life_cycles = 10, status = 'failed'`;
  await sql`select from run_checks('24 hours')`;
  await sql`select start_pipeline_run('hourly', null, now() + interval '2 hours')`;
  await sql`select observe_alerts('[{"kind": "k", "subject": "s", "failing": true, "summary": "s"}]')`;
  await sql`update engines set cohort = 'a'`;
  const tables: [table: string, columns: string, values: string][] = [
    ["alert_deliveries", "alert_id, event_number, channel, next_attempt_at", "1, 1, 'sns', now()"],
    [
      "anomalies",
      `engine_id, "timestamp", cycle, detector, score, threshold, sensors`,
      "ENGINE, now(), 1, 'd', 1, 1, '{}'",
    ],
    [
      "anomaly_episodes",
      `engine_id, detector, started_at, ended_at, first_cycle, last_cycle, readings, severe_readings, peak_score,
      peak_threshold, peak_at, sensors, severity, open, detected_at`,
      "ENGINE, 'd', now(), now(), 1, 1, 1, 0, 1, 1, now(), '{}', 'warning', true, now()",
    ],
    ["unscored_readings", "engine_id, times", "ENGINE, '{(,)}'"],
    ["delivery_receipts", "stream, request_id, digest, batch_id", "'', 'r', 'd', gen_random_uuid()"],
    [
      "engine_baselines",
      "engine_id, readings, complete, first_timestamp, last_timestamp",
      "ENGINE, 1, false, now(), now()",
    ],
    ["engine_health_reports", "engine_id, as_of, health, reasons", "ENGINE, now(), 'ok', '{}'"],
    ["heartbeats", "minute", "date_trunc('minute', now(), 'UTC')"],
    [
      "intake_counters",
      `until, source, batches, accepted, duplicates, rejected, processing_seconds, processing_buckets, event_lag_seconds,
      event_lag_buckets, last_received_at`,
      "now(), 'load', 0, 0, 0, 0, 0, '{}', 0, '{}', now()",
    ],
    ["lake_objects", "key, kind, bytes, sha256", "'k', 'report', 1, repeat('0', 64)"],
    ["lake_object_batches", "key, batch_id, row_count", "'k', gen_random_uuid(), 1"],
    ["lineage_events", "event_type, run_id, job_name, code_version", "'START', gen_random_uuid(), 'j', '1'"],
    [
      "lineage_forwards",
      "event_id, run_id, event_time, state, attempts, settled_at",
      "'e', gen_random_uuid(), now(), 'sent', 1, now()",
    ],
    ["retired_months", "month", "'2017-01-01'"],
    ["retraining_decisions", "as_of, retrain, reasons, evidence", "now(), false, '{}', '{}'"],
    [
      "models",
      "purpose, name, version, features, trained_from, trained_until, engines, readings, seed, settings, metrics, content, code_version",
      "'rul', 'seed', 1, '{s2}', now(), now(), 1, 1, 1, '{}', '{}', '{}', '0'",
    ],
    [
      "rul_predictions",
      "engine_id, cycle, predicted_rul, model_name, model_version",
      "ENGINE, 1, 1, 'm', '1'",
    ],
    [
      "sensor_baselines",
      "engine_id, condition, column_name, readings, mean, sorted_values",
      "ENGINE, 1, 's2', 1, 1, '{1}'",
    ],
    ["sensor_data_changes", "hours", "'{}'"],
    [
      "sensor_drift",
      "engine_id, column_name, verdict, baseline_readings, window_readings, as_of",
      "ENGINE, 's2', 'insufficient_data', 0, 0, now()",
    ],
    ["stream_readers", "stream", "'s'"],
    [
      "stream_checkpoints",
      "stream, stream_created_at, shard_id, begin_at",
      "'s', now(), 'x', 'trim_horizon'",
    ],
    [
      "task_attempts",
      "task_run_id, attempt, executor, started_at, outcome",
      "(select min(id) from task_runs), 99, 'x', now(), 'succeeded'",
    ],
  ];
  for (const [table, columns, values] of tables) {
    const [{ empty }] = await sql.unsafe(`select not exists (select from ${table}) as empty`);
    if (!empty) continue;
    await sql.unsafe(
      `insert into ${table} (${columns}) values (${
        values.replace("ENGINE", "(select id from engines limit 1)")
      })`,
    );
  }
  // somebody has changed a table by hand: the view of such changes is not empty
  await sql`alter table wear_signatures add column extra integer`;
}

/** Runs statements as a caller, each undone. */
async function as<T>(
  sql: postgres.Sql,
  caller: Caller,
  use: (attempt: (statement: string) => Promise<postgres.Row[] | postgres.PostgresError>) => Promise<T>,
): Promise<T> {
  const { role, claims } = CALLERS[caller];
  return await sql.begin(async (tx) => {
    await tx.unsafe(`set local role ${role}`);
    await tx`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
    return await use(async (statement) => {
      try {
        return await tx.savepoint(async (point) => {
          const rows = await point.unsafe(statement);
          throw new Undone(rows);
        }) as never;
      } catch (error) {
        if (error instanceof Undone) return error.rows;
        if (error instanceof postgres.PostgresError) return error;
        throw error;
      }
    });
  }) as T;
}

class Undone extends Error {
  constructor(readonly rows: postgres.Row[]) {
    super();
  }
}

/** Whether a statement was let through: what the rules of the table say of it afterwards does not matter here. */
function isAllowed(outcome: postgres.Row[] | postgres.PostgresError): boolean {
  return !(outcome instanceof postgres.PostgresError) || /^(23|22|P0|SP)/.test(outcome.code);
}

/** What a caller can do with a relation. */
async function tried(
  attempt: (statement: string) => Promise<postgres.Row[] | postgres.PostgresError>,
  relation: string,
  column: string,
): Promise<{ read: Read; writes: string[] }> {
  const rows = await attempt(`select * from public.${relation} limit 1`);
  if (rows instanceof postgres.PostgresError) {
    assert.equal(rows.code, "42501", `${relation}: ${rows.message}`);
  }
  const writes = {
    insert: `insert into public.${relation} default values`,
    update: `update public.${relation} set ${column} = ${column}`,
    delete: `delete from public.${relation}`,
    truncate: `truncate public.${relation}`,
  };
  const allowed = [];
  for (const [name, statement] of Object.entries(writes)) {
    if (isAllowed(await attempt(statement))) allowed.push(name);
  }
  return {
    read: rows instanceof postgres.PostgresError ? "refused" : rows.length > 0 ? "rows" : "none",
    writes: allowed,
  };
}

/** What is meant. */
function meant(caller: Caller, relation: string): { read: Read; writes: readonly string[] } {
  const { role, reads } = CALLERS[caller];
  const [classification, written = []] = RELATIONS[relation];
  return {
    read: (reads as readonly string[]).includes(classification)
      ? "rows"
      : role === "anon"
      ? "refused"
      : "none",
    writes: role === "service_role" ? written : [],
  };
}

const SIGNS: Record<Read, string> = { rows: "reads", none: "sees nothing", refused: "refused" };

const PROJECTS = [[17, "a new project", newProject], [15, "an older project", oldProject]] as const;

for (const [version, project, make] of PROJECTS) {
  Deno.test({
    name:
      `every caller can do with every table and view what is meant, and nothing else (Postgres ${version}, ${project})`,
    ignore: version === 15 && !hasPostgres15,
    async fn(t) {
      await using db = await make(version);
      const { sql } = db;
      await fill(sql);
      const columns = await sql`
          select relname, min(quote_ident(attname)) filter (where attidentity = '' and attgenerated = '') as column
          from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
          where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
          group by relname`;
      const columnOf = new Map(columns.map(({ relname, column }) => [relname, column]));
      assert.deepEqual([...columnOf.keys()].sort(), Object.keys(RELATIONS).sort());

      const found = new Map<Caller, Record<string, Awaited<ReturnType<typeof tried>>>>();
      for (const caller of CALLER_NAMES) {
        found.set(
          caller,
          await as(sql, caller, async (attempt) => {
            const all: Record<string, Awaited<ReturnType<typeof tried>>> = {};
            for (const relation of Object.keys(RELATIONS)) {
              all[relation] = await tried(attempt, relation, columnOf.get(relation)!);
            }
            return all;
          }),
        );
      }
      for (const relation of Object.keys(RELATIONS)) {
        const line = CALLER_NAMES.map((caller) => {
          const { read, writes } = found.get(caller)![relation];
          return `${caller}: ${[SIGNS[read], ...writes].join(" ")}`;
        }).join(" | ");
        await t.step(`${relation} | ${line}`, () => {
          for (const caller of CALLER_NAMES) {
            assert.deepEqual(found.get(caller)![relation], meant(caller, relation), caller);
          }
        });
      }
    },
  });

  Deno.test({
    name: `every role can call the functions that are meant, and no others (Postgres ${version}, ${project})`,
    ignore: version === 15 && !hasPostgres15,
    async fn(t) {
      await using db = await make(version);
      const { sql } = db;
      const functions = await sql`
          select
            proname as name,
            format(
              '%s public.%I(%s)', case prokind when 'p' then 'call' else 'select' end, proname,
              (
                select string_agg('null::' || format_type(type, null), ', ' order by place)
                from unnest(proargtypes) with ordinality as argument (type, place)
              )
            ) as call
          from pg_proc
          where pronamespace = 'public'::regnamespace
          order by proname collate "C"`;
      assert.deepEqual(
        Object.keys(FUNCTIONS).filter((name) => !functions.some((known) => known.name === name)),
        [],
      );
      const callable = new Map<string, Set<string>>();
      for (const caller of ["anon", "user, restricted", "service_role"] as const) {
        const names = await as(sql, caller, async (attempt) => {
          const allowed = new Set<string>();
          for (const { name, call } of functions) {
            const outcome = await attempt(call);
            const denied = outcome instanceof postgres.PostgresError && outcome.code === "42501" &&
              new RegExp(`^permission denied for (function|procedure) ${name}$`).test(outcome.message);
            if (!denied) allowed.add(name);
          }
          return allowed;
        });
        callable.set(CALLERS[caller].role, names);
      }
      for (const { name } of functions) {
        const roles = [...callable].filter(([, names]) => names.has(name)).map(([role]) => role);
        const wanted = FUNCTIONS[name] ?? [];
        await t.step(
          `${name} | ${roles.join(", ") || "the owner alone"}`,
          () => assert.deepEqual(roles, wanted),
        );
      }
    },
  });
}

/** Counts the rows that a caller sees; nothing when it is refused. */
async function seen(
  sql: postgres.Sql,
  role: string,
  claims: unknown,
  relation: string,
): Promise<number | string> {
  try {
    return await sql.begin(async (tx) => {
      await tx.unsafe(`set local role ${role}`);
      const text = typeof claims === "string" ? claims : JSON.stringify(claims);
      await tx`select set_config('request.jwt.claims', ${text}, true)`;
      return (await tx.unsafe(`select * from public.${relation}`)).length;
    }) as number;
  } catch (error) {
    return (error as postgres.PostgresError).code;
  }
}

const clearance = (value: unknown) => ({ app_metadata: { clearance: value } });

Deno.test("a classification acts at once, in the transaction that changes it, and the policies can be applied again", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await storeBatch(sql, { source: "ingest", reference: null }, candidates([reading()]));
  const classify = (name: string, classification: string) =>
    sql`update data_assets set classification = ${classification} where name = ${name}`;
  const seenBy = async (relation: string) => [
    await seen(sql, "anon", {}, relation),
    await seen(sql, "authenticated", {}, relation),
    await seen(sql, "authenticated", clearance("confidential"), relation),
    await seen(sql, "authenticated", clearance("restricted"), relation),
  ];
  assert.deepEqual(await seenBy("engines"), ["42501", 1, 1, 1]);
  for (
    const [classification, rows] of [
      ["public", [1, 1, 1, 1]],
      ["confidential", ["42501", 0, 1, 1]],
      ["restricted", ["42501", 0, 0, 1]],
      ["public", [1, 1, 1, 1]],
    ] as const
  ) {
    await classify("engines", classification);
    assert.deepEqual(await seenBy("engines"), rows, classification);
  }
  await sql.begin(async (tx) => {
    await tx`update data_assets set classification = 'internal' where name = 'engines'`;
    await tx`set local role anon`;
    await assert.rejects(tx.savepoint((point) => point`select from engines`), { code: "42501" });
    throw new Error("undone");
  }).catch((error) => assert.equal(error.message, "undone"));
  assert.deepEqual(await seenBy("engines"), [1, 1, 1, 1]);

  const access = await Deno.readTextFile(new URL("../../sql/80_policies/table_access.sql", import.meta.url));
  await sql.unsafe(access);
  assert.deepEqual(await seenBy("engines"), [1, 1, 1, 1]);

  // a view shows what its own classification and its tables' allow
  await sql`update engines set life_cycles = 5`;
  await classify("training_data", "public");
  assert.deepEqual(await seenBy("training_data"), ["42501", 1, 1, 1]); // readings are internal
  await classify("sensor_data", "confidential");
  assert.deepEqual(await seenBy("training_data"), ["42501", 0, 1, 1]);
  await classify("sensor_data", "public");
  assert.deepEqual(await seenBy("training_data"), [1, 1, 1, 1]);
  await classify("training_data", "restricted");
  assert.deepEqual(await seenBy("training_data"), ["42501", 0, 0, 1]);

  // what is not in the catalogue nobody reads but those whom row-level security does not bind
  await sql`delete from data_assets where name = 'engines'`;
  assert.deepEqual(await seenBy("engines"), ["42501", 0, 0, 0]);
  assert.equal(await seen(sql, "service_role", {}, "engines"), 1);
  assert.equal((await sql`select from engines`).length, 1);
});

Deno.test("every view asks for its own classification", async (t) => {
  await using db = await testDatabase();
  const { sql } = db;
  await fill(sql);
  const views = await sql`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v' order by 1`;
  assert.ok(views.length >= 10);
  for (const { name } of views) {
    await t.step(name, async () => {
      assert.notEqual(await seen(sql, "authenticated", {}, name), 0);
      await sql`update data_assets set classification = 'restricted' where name = ${name}`;
      assert.equal(await seen(sql, "authenticated", {}, name), 0);
      await sql`update data_assets set classification = 'internal' where name = ${name}`;
    });
  }
});

Deno.test("a clearance that is none counts as not given, and users cannot give one to themselves", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await storeBatch(sql, { source: "ingest", reference: null }, candidates([reading(), { s2: "hot" }]));
  assert.equal(await seen(sql, "authenticated", clearance("confidential"), "dead_letters"), 1); // the control
  for (
    const claims of [
      {},
      "",
      [],
      "null",
      7,
      { app_metadata: 7 },
      { app_metadata: null },
      { app_metadata: ["restricted"] },
      { app_metadata: '{"clearance": "restricted"}' },
      clearance(null),
      clearance(4),
      clearance(true),
      clearance(["restricted"]),
      clearance({ restricted: true }),
      clearance("Restricted"),
      clearance("restricted "),
      clearance("secret"),
      clearance(""),
      { clearance: "restricted" },
      { user_metadata: { clearance: "restricted" } },
      { user_metadata: { app_metadata: { clearance: "restricted" } } },
    ]
  ) {
    const text = JSON.stringify(claims);
    assert.equal(await seen(sql, "authenticated", claims, "engines"), 1, text);
    assert.equal(await seen(sql, "authenticated", claims, "dead_letters"), 0, text);
  }
  // what is no JSON has not come through the Data API: nothing is shown for it
  assert.equal(await seen(sql, "authenticated", "{", "engines"), "22P02");
  // a stranger has none, whatever a token says
  await sql`update data_assets set classification = 'public' where name = 'engines'`;
  assert.equal(await seen(sql, "anon", clearance("restricted"), "engines"), 1);
  await sql`grant select on dead_letters to anon`; // were somebody to grant it
  assert.equal(await seen(sql, "anon", clearance("restricted"), "dead_letters"), 0);
});

Deno.test("may_read is asked once per query, however many readings and months there are", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const days = Array.from({ length: 60 }, (_, day) => new Date(Date.UTC(2024, 0, 1 + day)).toISOString());
  await storeBatch(
    sql,
    { source: "ingest", reference: null },
    candidates(days.map((timestamp, cycle) => reading({ timestamp, cycle: cycle + 1 }))),
  );
  for (const relation of ["sensor_data", "training_data", "classified_readings"]) {
    const plan = await sql.begin(async (tx) => {
      await tx`set local role authenticated`;
      return await tx.unsafe(
        `explain (analyze, costs off, timing off, summary off) select * from public.${relation}`,
      );
    });
    const lines = plan.map((line) => line["QUERY PLAN"]);
    assert.ok(lines.some((line) => /InitPlan/.test(line)), lines.join("\n"));
    // an InitPlan is a plan of its own; what is asked per row would be written out in a filter
    for (const [at, line] of lines.entries()) {
      if (/InitPlan \d+( \(returns [^)]*\))?$/.test(line)) {
        assert.match(lines[at + 1], /loops=1\)/, lines.join("\n"));
      }
      assert.doesNotMatch(line, /may_read/, relation);
    }
  }
});
