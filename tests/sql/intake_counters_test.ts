import assert from "node:assert/strict";
import type postgres from "postgres";
import { connect } from "../../shared/database.ts";
import { storeBatch } from "../../shared/intake.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";
import { candidates, reading } from "../support/readings.ts";

const ORIGIN = { source: "ingest", reference: null } as const;

async function totals(sql: postgres.Sql) {
  return await sql`
    select
      source, batches::int, accepted::int, duplicates::int, rejected::int, processing_seconds, processing_buckets::int[],
      event_lag_seconds, event_lag_buckets::int[], newest_timestamp
    from intake_totals('infinity') order by source`;
}

/** Moves what has been received into the past. */
async function age(sql: postgres.Sql, minutes: number): Promise<void> {
  await sql`update batches set received_at = received_at - ${minutes}::int * interval '1 minute'`;
}

for (const version of hasPostgres15 ? [17, 15] as const : [17] as const) {
  Deno.test(`on Postgres ${version} the totals are those of the batches, and stay when batches are deleted`, async () => {
    await using db = await testDatabase({ version });
    const { sql } = db;
    await storeBatch(sql, ORIGIN, candidates([reading(), reading({ cycle: 2 }), { s2: "hot" }]));
    await storeBatch(sql, ORIGIN, candidates([reading()]));
    await storeBatch(sql, { source: "load", reference: "f" }, candidates([reading({ cycle: 3 })]));
    const [load, ingest] = (await totals(sql)).toReversed();
    assert.deepEqual([ingest.batches, ingest.accepted, ingest.duplicates, ingest.rejected], [2, 2, 1, 1]);
    assert.deepEqual([load.source, load.batches, load.accepted], ["load", 1, 1]);
    assert.equal(ingest.newest_timestamp.toISOString(), "2024-01-02T00:00:00.000Z");
    const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
    assert.equal(sum(ingest.processing_buckets), 2);
    assert.ok(ingest.processing_seconds > 0 && ingest.processing_seconds < 60);
    assert.equal(ingest.event_lag_buckets.at(-1), 2, "readings of 2024 came longer ago than the last bound");

    await age(sql, 30);
    const before = await totals(sql);
    const [{ said }] = await sql`select count_intake() as said`;
    assert.match(said, /^counted up to /);
    assert.deepEqual(await totals(sql), before);
    await storeBatch(sql, ORIGIN, candidates([reading({ cycle: 4 })]));
    await sql`delete from batches where received_at < now() - interval '1 minute'`;
    const after = await totals(sql);
    assert.deepEqual(
      after.map(({ source, batches, accepted }) => [source, batches, accepted]),
      [["ingest", 3, 3], ["load", 1, 1]],
    );
  });
}

Deno.test("a transaction that is still open holds the counters back, and its batch is counted when it has committed", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await storeBatch(sql, ORIGIN, candidates([reading()]));
  await age(sql, 60);
  const slow = connect(db.url, 1);
  let release = () => {};
  const held = new Promise<void>((resolve) => release = resolve);
  let begun = () => {};
  const beginning = new Promise<void>((resolve) => begun = resolve);
  const committed = slow.begin(async (tx) => {
    await tx`
      insert into batches (id, source, received, accepted, duplicates, rejected)
      values (gen_random_uuid(), 'kinesis', 1, 1, 0, 0)`;
    begun();
    await held;
  });
  await beginning;
  // without it, it would count up to now
  await sql`select count_intake(now() + interval '1 hour')`;
  const [{ counted }] =
    await sql`select max(until) < now() - interval '1 millisecond' as counted from intake_counters`;
  assert.equal(counted, true);
  release();
  await committed;
  await slow.end();
  assert.deepEqual((await totals(sql)).map(({ source, batches }) => [source, batches]), [
    ["ingest", 1],
    ["kinesis", 1],
  ]);
});

Deno.test("counters that are pruned leave the totals as they are, and a minute has one heartbeat", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  for (const cycle of [1, 2, 3]) {
    await age(sql, 120);
    await storeBatch(sql, ORIGIN, candidates([reading({ cycle })]));
  }
  await age(sql, 60);
  for (const minutes of [280, 160, 40]) {
    await sql`select count_intake(now() - ${minutes}::int * interval '1 minute')`;
  }
  const before = await totals(sql);
  assert.equal((await sql`select from intake_counters`).length, 3);
  await sql`delete from batches`;
  const [{ deleted }] =
    await sql`select prune_asset('intake_counters', now() + interval '1 day')::int as deleted`;
  assert.equal(deleted, 2);
  assert.deepEqual(await totals(sql), before);

  await sql`select record_heartbeat('2026-01-01 00:00:59+00'), record_heartbeat('2026-01-01 00:00:01+00')`;
  assert.deepEqual((await sql`select minute from heartbeats`).map(({ minute }) => minute.toISOString()), [
    "2026-01-01T00:00:00.000Z",
  ]);
  await sql`select prune_asset('heartbeats', '2026-01-01 00:01:00+00')`;
  assert.equal((await sql`select from heartbeats`).length, 0);
});

Deno.test("a batch keeps its newest reading and how long it took, waiting at the door included", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const future = new Date(Date.now() + 90 * 86_400_000).toISOString();
  await storeBatch(sql, ORIGIN, candidates([reading(), reading({ cycle: 2, timestamp: future })]), {
    arrivedAt: performance.now() - 2000,
  });
  await storeBatch(sql, ORIGIN, candidates([reading({ timestamp: future })]));
  const rows = await sql`
    select newest_timestamp, extract(epoch from processing)::float as seconds from batches order by received_at`;
  assert.equal(rows[0].newest_timestamp.toISOString(), "2024-01-01T00:00:00.000Z", "not the refused one");
  assert.ok(rows[0].seconds >= 2 && rows[0].seconds < 60, `${rows[0].seconds}`);
  assert.equal(rows[1].newest_timestamp, null);
  assert.ok(rows[1].seconds > 0 && rows[1].seconds < 2);
});
