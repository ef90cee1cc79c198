/** Every administrative act leaves its row in audit_log, and nothing else does. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { applySchema, runsAgain, schemaFiles } from "../../scripts/database/schema.ts";
import { applyPlatform } from "../../scripts/local/platform.ts";
import { replayDeadLetters } from "../../shared/dead_letters.ts";
import { storeBatch } from "../../shared/intake.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";
import { candidates, reading } from "../support/readings.ts";

const ORIGIN = { source: "ingest", reference: null } as const;

interface Entry {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Runs something and returns what it has written to the log. */
async function logged(sql: postgres.Sql, act: () => PromiseLike<unknown>): Promise<Entry[]> {
  const [{ last }] = await sql`select coalesce(max(id), 0)::float8 as last from audit_log`;
  await act();
  const rows = await sql<Entry[]>`
    select actor, action, target, details from audit_log where id > ${last} order by id`;
  return rows.map((row) => ({ ...row }));
}

/** Runs a statement as the Data API does. */
async function withClaims(
  sql: postgres.Sql,
  role: string,
  claims: unknown,
  statement: string,
): Promise<void> {
  await sql.begin(async (tx) => {
    await tx.unsafe(`set local role ${role}`);
    await tx`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
    await tx.unsafe(statement);
  });
}

/** Statements that are administrative acts, in an order in which they can be done, with what is written down of them. */
const ACTS: [statement: string, action: string, target: string, details: unknown][] = [
  [
    "insert into data_assets (name, kind, description) values ('x', 'lake', 'X.')",
    "asset.insert",
    "x",
    { new: "description: X." },
  ],
  [
    "update data_assets set classification = 'restricted', updated_at = now() where name = 'x'",
    "asset.update",
    "x",
    { old: { classification: "internal" }, new: { classification: "restricted" } },
  ],
  ["delete from data_assets where name = 'x'", "asset.delete", "x", { old: "description: X." }],
  [
    "update expectations set max = 5 where kind = 'freshness'",
    "expectation.update",
    "ID",
    { old: { max: 3 }, new: { max: 5 } },
  ],
  [
    "update alert_channels set minimum_severity = 'fail', paused_until = now() where name = 'sns'",
    "alert_channel.update",
    "sns",
    { old: { minimum_severity: "warning" }, new: { minimum_severity: "fail" } },
  ],
  [
    "update alert_settings set resolve_after = 3",
    "alert_settings.update",
    "alert_settings",
    { old: { resolve_after: 2 }, new: { resolve_after: 3 } },
  ],
  [
    "update intake_settings set unknown_engines = 'reject'",
    "intake_settings.update",
    "intake_settings",
    { old: { unknown_engines: "register" }, new: { unknown_engines: "reject" } },
  ],
  [
    "update quality_settings set least_readings = 60",
    "quality_settings.update",
    "quality_settings",
    { old: { least_readings: 50 }, new: { least_readings: 60 } },
  ],
  [
    "update operating_conditions set name = 'ground' where condition = 1",
    "operating_condition.update",
    "1",
    { old: { name: "sea level" }, new: { name: "ground" } },
  ],
  [
    "update engines set status = 'retired', model = 'M' where unit_number = 'ENGINE_001'",
    "engine.update",
    "ENGINE_001",
    { old: { status: "active" }, new: { status: "retired" } },
  ],
  [
    "update pipelines set active = false, next_logical_time = '2024-01-01 00:00Z' where name = 'hourly'",
    "pipeline.update",
    "hourly",
    { old: { active: true }, new: { active: false } },
  ],
  [
    "update pipeline_tasks set timeout = '5 minutes' where name = 'quality'",
    "pipeline_task.update",
    "hourly/quality",
    { old: { timeout: "00:10:00" }, new: { timeout: "00:05:00" } },
  ],
  [
    "delete from pipeline_task_dependencies where task = 'anomalies'",
    "pipeline_task_dependency.delete",
    "hourly/anomalies/quality",
    { old: "depends_on: quality" },
  ],
  ["select start_pipeline_run('hourly', '2024-01-01 10:00Z')", "pipeline.start", "hourly", "logical_time"],
  [
    "select backfill_pipeline('hourly', '2024-01-01 11:00Z', '2024-01-01 12:00Z')",
    "pipeline.backfill",
    "hourly",
    "runs: 2",
  ],
  ["select cancel_run(min(id)) from pipeline_runs", "run.cancel", "RUN", { state: "queued" }],
  ["select rerun_task(min(id), 'quality') from pipeline_runs", "run.rerun", "RUN", "task: quality"],
  [
    "select acknowledge_alert(id, 'anna') from alerts",
    "alert.acknowledge",
    "ALERT",
    { kind: "job", subject: "s", acknowledged_by: "anna" },
  ],
  [
    "select resolve_alert(id, 'anna') from alerts",
    "alert.resolve",
    "ALERT",
    { kind: "job", subject: "s", resolved_by: "anna" },
  ],
];

/** Details in short, where they hold a whole row: one of its columns. */
function short(details: unknown, expected: unknown): unknown {
  if (typeof expected === "string") {
    const name = expected.split(":")[0];
    const value = Reflect.get(details as object, name);
    return name === expected ? (value === undefined ? undefined : name) : `${name}: ${value}`;
  }
  const [stage, text] = Object.entries(expected as Record<string, unknown>)[0];
  return typeof text === "string" && text.includes(": ")
    ? { [stage]: short(Reflect.get(details as object, stage), text) }
    : details;
}

for (const version of [17, 15] as const) {
  Deno.test({
    name: `every administrative act leaves one row, which says who did what to what (Postgres ${version})`,
    ignore: version === 15 && !hasPostgres15,
    async fn(t) {
      await using db = await testDatabase({ version });
      const { sql } = db;
      await storeBatch(sql, ORIGIN, candidates([reading()]));
      await sql`select observe_alerts('[{"kind": "job", "subject": "s", "failing": true, "summary": "S"}]')`;
      const [{ rule, alert }] = await sql`
        select (select id from expectations where kind = 'freshness') as rule, (select id from alerts) as alert`;

      for (const [statement, action, target, details] of ACTS) {
        await t.step(`${action}: ${statement}`, async () => {
          const [{ run }] = await sql`select coalesce(min(id), 0) as run from pipeline_runs`;
          const entries = await logged(sql, () => sql.unsafe(statement));
          assert.equal(entries.length, 1, JSON.stringify(entries));
          const [entry] = entries;
          assert.deepEqual({ ...entry, details: short(entry.details, details) }, {
            actor: "postgres",
            action,
            target: { ID: rule, ALERT: alert, RUN: run }[target] ?? target,
            details,
          });
        });
      }

      await t.step("dead_letters.replay: a replay, with the name of what replays", async () => {
        await storeBatch(sql, ORIGIN, candidates([{ s2: "hot" }]));
        const [{ id }] = await sql`select id from dead_letters`;
        const [entry, ...more] = await logged(sql, () => replayDeadLetters(sql, "deno task dead-letters"));
        assert.deepEqual(more, []);
        const { batch_id, ...counts } = entry.details;
        assert.match(String(batch_id), /^[0-9a-f-]{36}$/);
        assert.deepEqual({ ...entry, details: counts }, {
          actor: "deno task dead-letters",
          action: "dead_letters.replay",
          target: `dead letters ${id} to ${id}`,
          details: { passed: 0, failed: 1 },
        });
      });

      await t.step("migration.apply: the migrations that made this database", async () => {
        const applied = await sql`select target from audit_log where action = 'migration.apply' order by id`;
        // those before the log was there have left none
        assert.ok(applied.length > 0);
        for (const { target } of applied) assert.match(target, /^\d{14}_[a-z0-9_]+$/);
      });
    },
  });
}

Deno.test("the log names the signed-in user, then the key's role, then what spool.actor says, then the session's role", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const update = "update public.alert_settings set resolve_after = resolve_after + 1";
  const actor = async (act: () => PromiseLike<unknown>) => (await logged(sql, act))[0].actor;
  const named = (tx: postgres.TransactionSql) => tx`select set_config('spool.actor', 'somebody else', true)`;

  assert.equal(
    await actor(() =>
      withClaims(
        sql,
        "service_role",
        { email: "anna@example.com", sub: "1" },
        `
        select set_config('spool.actor', 'somebody else', true); ${update}`,
      )
    ),
    "anna@example.com",
  );
  assert.equal(await actor(() => withClaims(sql, "service_role", { email: "", sub: "1-2" }, update)), "1-2");
  assert.equal(
    await actor(() => withClaims(sql, "service_role", { role: "service_role" }, update)),
    "service_role",
  );
  assert.equal(
    await actor(() =>
      sql.begin(async (tx) => {
        await named(tx);
        await tx.unsafe(update);
      })
    ),
    "somebody else",
  );
  assert.equal(await actor(() => sql.unsafe(update)), "postgres");
});

Deno.test("what is rolled back, what changes nothing and what the system does by itself leaves no row", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const quiet: [string, () => PromiseLike<unknown>][] = [
    ["a failure", () =>
      sql.begin(async (tx) => {
        await tx`update intake_settings set unknown_engines = 'reject'`;
        throw new Error("as if");
      }).catch(() => {})],
    ["no change", () => sql`update alert_settings set resolve_after = resolve_after`],
    ["no row", () => sql`update expectations set max = 1 where false`],
    ["the intake", () => storeBatch(sql, ORIGIN, candidates([reading(), { s2: "hot" }]))],
    ["what the loader keeps in an engine", () => sql`update engines set life_cycles = 3, rul_cap = 125`],
    ["a tick", () => sql`call pipeline_tick(now() + interval '3 hours')`],
    ["the jobs", () => sql`select prune_history(), watch_jobs(), maintain_sensor_data_partitions()`],
  ];
  for (const [what, act] of quiet) assert.deepEqual(await logged(sql, act), [], what);
  // the control
  assert.equal((await logged(sql, () => sql`update engines set cadence = '1 hour'`)).length, 1);
});

Deno.test("a mass edit is one row with its number and the first twenty, and applying the seeds again is none", async () => {
  await using db = await testDatabase({ empty: true });
  const { sql } = db;
  await applyPlatform(sql);
  await applySchema(sql);
  const [{ rows }] = await sql`select count(*)::integer as rows from audit_log`;
  assert.ok(rows < 100, `${rows} rows of a new database`);

  const seeds = await sql`select count(*)::integer as rules from expectations where kind = 'range'`;
  const [entry, ...more] = await logged(
    sql,
    () => sql`update expectations set severity = 'warning' where kind = 'range'`,
  );
  assert.deepEqual(more, []);
  assert.equal(entry.target, "expectations");
  assert.equal(entry.details.rows, seeds[0].rules);
  assert.equal((entry.details.first as unknown[]).length, 20);

  for (const file of (await schemaFiles()).filter(runsAgain)) {
    assert.deepEqual(await logged(sql, () => sql.unsafe(file.text)), [], file.path);
  }
});

Deno.test("the log is written by its owner alone, and not even the owner changes it or deletes what is not old enough", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`
    insert into data_assets (name, kind, description, retention_days) values ('audit_log', 'table', 'Acts.', 100)
    on conflict (name) do update set retention_days = 100`;
  await sql`
    insert into audit_log (at, actor, action, target)
    values (now() - interval '101 days', 'a', 'b.c', 'old'), (now() - interval '99 days', 'a', 'b.c', 'young')`;

  const refused = { code: "42501" };
  for (const role of ["anon", "authenticated", "service_role"]) {
    for (
      const statement of [
        "insert into public.audit_log (actor, action, target) values ('a', 'b.c', 'd')",
        "update public.audit_log set actor = 'me'",
        "delete from public.audit_log",
        "truncate public.audit_log",
        "select public.record_audit('b.c', 'd')",
      ]
    ) {
      await assert.rejects(withClaims(sql, role, {}, statement), refused, `${role} ${statement}`);
    }
  }
  await assert.rejects(sql`update audit_log set actor = 'me'`, refused);
  await assert.rejects(sql`truncate audit_log`, refused);
  await assert.rejects(sql`delete from audit_log where target = 'young'`, {
    ...refused,
    message:
      /^Cannot delete a row of audit_log as it must be older than its retention of 100 days: current value is /,
  });
  assert.equal((await sql`delete from audit_log where target = 'old'`).count, 1);
  await sql`update data_assets set retention_days = null where name = 'audit_log'`;
  await assert.rejects(sql`delete from audit_log where target = 'young'`, refused);
});

Deno.test("an act that is not named as subject.verb, or whose details are no object, is refused", async () => {
  await using db = await testDatabase();
  for (const [action, details] of [["drop", "{}"], ["Retention.drop", "{}"], ["retention.drop", "[]"]]) {
    await assert.rejects(db.sql`select record_audit(${action}, 't', ${details}::text::jsonb)`, {
      code: "23514",
    });
  }
});
