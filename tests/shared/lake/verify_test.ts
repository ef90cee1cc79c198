import assert from "node:assert/strict";
import type postgres from "postgres";
import { taskHandlers } from "../../../functions/worker/handlers.ts";
import { drainQueue } from "../../../functions/worker/queue.ts";
import { FileLake } from "../../../shared/lake/file_lake.ts";
import { dayKey } from "../../../shared/lake/keys.ts";
import { type Lake, LakeError } from "../../../shared/lake/lake.ts";
import { forgetLakeObjects, recordLakeObject } from "../../../shared/lake/listing.ts";
import { ParquetFile } from "../../../shared/lake/parquet.ts";
import { compareObject, verifyLake } from "../../../shared/lake/verify.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { TEN, testPipeline, tick } from "../../support/pipeline.ts";
import { s3Server } from "../../support/s3_server.ts";

const ROWS = 1000;

/** A database, and a lake in a folder that belongs to it. */
async function setUp(): Promise<
  AsyncDisposable & { db: TestDatabase; sql: postgres.Sql; lake: Lake; folder: string }
> {
  const db = await testDatabase();
  const folder = await Deno.makeTempDir({ prefix: "spool-verify-" });
  return {
    db,
    sql: db.sql,
    folder,
    lake: new FileLake(folder),
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
      await db[Symbol.asyncDispose]();
    },
  };
}

/** Writes and lists the readings of a day: a Parquet file of {@link ROWS} rows. */
async function writeDay(sql: postgres.Sql, lake: Lake, day: string, rowCount = ROWS): Promise<string> {
  const writer = await lake.create(dayKey(day));
  const file = new ParquetFile([{ name: "cycle", type: "int32" }], (bytes) => writer.write(bytes));
  await file.writeGroup([Int32Array.from({ length: ROWS }, (_, i) => i)]);
  await file.finish();
  const object = await writer.commit();
  await recordLakeObject(sql, object, { kind: "sensor_data", day, dayVersion: 1, rowCount, rowDigest: "d" });
  return object.key;
}

async function stateOf(
  sql: postgres.Sql,
): Promise<Record<string, { verified: boolean; fault: string | null }>> {
  const rows = await sql`select key, verified_at is not null as verified, fault from lake_objects`;
  return Object.fromEntries(rows.map(({ key, verified, fault }) => [key, { verified, fault }]));
}

/** Changes an object without the lake's help. */
async function spoil(path: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): Promise<void> {
  await Deno.writeFile(path, change(await Deno.readFile(path)));
}

const at = (minute: number) => new Date(Date.UTC(2024, 0, 10, 3, minute));

Deno.test("each way in which an object can differ from its listing is found, noted, and opens an alert", async () => {
  await using test = await setUp();
  const { sql, lake, folder } = test;
  const days = ["01", "02", "03", "04", "05", "06"].map((day) => `2024-01-${day}`);
  const keys: string[] = [];
  for (const day of days) keys.push(await writeDay(sql, lake, day, day.endsWith("06") ? ROWS + 1 : ROWS));
  const [whole, missing, truncated, tampered, longer] = keys;
  const { bytes } = (await lake.stat(whole))!;
  await Deno.remove(`${folder}/${missing}`);
  await spoil(`${folder}/${truncated}`, (bytes) => bytes.subarray(0, -1));
  await spoil(
    `${folder}/${tampered}`,
    (bytes) => bytes.with(bytes.length >> 1, bytes[bytes.length >> 1] ^ 1),
  );
  await spoil(`${folder}/${longer}`, (bytes) => new Uint8Array([...bytes, 0]));
  const text = await lake.put("processed/train-test-split/X.parquet", "no Parquet, although it is called so");
  await recordLakeObject(sql, text, { kind: "split", rowCount: 1 });

  const counts = await verifyLake(sql, lake, { asOf: at(0) });
  assert.deepEqual(counts, { verified: 1, faulty: 6, changed: 0, left: 0, bytes: counts.bytes });
  const state = await stateOf(sql);
  assert.deepEqual(state[whole], { verified: true, fault: null });
  const expected: [string, RegExp][] = [
    [missing, /^missing$/],
    [truncated, new RegExp(`^other size: ${bytes - 1} of ${bytes} bytes$`)],
    [tampered, /^other checksum: [0-9a-f]{64}, and not [0-9a-f]{64}$/],
    [longer, new RegExp(`^other size: ${bytes + 1} of ${bytes} bytes$`)],
    [keys[5], /^other row count: 1000 of 1001$/],
    [text.key, /^not Parquet: /],
  ];
  for (const [key, fault] of expected) {
    assert.equal(state[key].verified, false, key);
    assert.match(state[key].fault ?? "", fault);
    const [alert] = await sql`select * from alerts where kind = 'lake_object' and subject = ${key}`;
    assert.equal(alert.state, "open");
    assert.match(alert.summary, fault.source.startsWith("^missing") ? /missing$/ : /not as it was written: /);
    assert.equal(alert.evidence.key, key);
    assert.equal(alert.evidence.fault, state[key].fault);
  }
  const [{ count }] = await sql`select count(*)::int from alerts`;
  assert.equal(count, expected.length);
});

Deno.test("an alert about an object is resolved when it is in order again, or listed no more", async () => {
  await using test = await setUp();
  const { sql, lake, folder } = test;
  const key = await writeDay(sql, lake, "2024-01-01");
  const other = await writeDay(sql, lake, "2024-01-02");
  for (const faulty of [key, other]) await Deno.remove(`${folder}/${faulty}`);
  assert.equal((await verifyLake(sql, lake, { asOf: at(0) })).faulty, 2);

  assert.equal(await writeDay(sql, lake, "2024-01-01"), key);
  assert.deepEqual((await stateOf(sql))[key], { verified: false, fault: null });
  assert.equal(await forgetLakeObjects(sql, [other]), 1);
  const open = () => sql`select subject from alerts where resolved_at is null`.values();
  await verifyLake(sql, lake, { asOf: at(10) });
  assert.equal((await open()).length, 2); // one that passes may be chance: alert_settings.resolve_after is 2
  await verifyLake(sql, lake, { asOf: at(20) });
  assert.deepEqual([...await open()], []);
});

Deno.test("the order is: alerts, never read, about to leave Postgres, longest ago; what is large comes last", async () => {
  await using test = await setUp();
  const { sql } = test;
  const list = async (
    key: string,
    verifiedAt: Date | null,
    { bytes = 10, day }: { bytes?: number; day?: string } = {},
  ) => {
    const object = { key, bytes, sha256: "0".repeat(64) };
    await recordLakeObject(
      sql,
      object,
      day === undefined
        ? { kind: "backup" }
        : { kind: "sensor_data", day, dayVersion: 1, rowCount: 1, rowDigest: "d" },
    );
    await sql`update lake_objects set verified_at = ${verifiedAt?.toISOString() ?? null} where key = ${key}`;
  };
  const before = (hours: number) => new Date(at(0).getTime() - hours * 60 * 60 * 1000);
  await sql`update intake_settings set accepted_from = '2020-02-01 00:00+00'`;
  await sql`insert into sensor_data_days (day) values ('2020-01-30'), ('2020-01-31'), ('2020-02-01')`;
  await list("ago/1000", before(1000));
  await list("ago/2000", before(2000));
  await list("leaving", before(13), { day: "2020-01-31" });
  await list("leaving, lately verified", before(11), { day: "2020-01-30" });
  await list("staying", before(13), { day: "2020-02-01" });
  await list("gone from Postgres", before(12.5), { day: "2020-01-29" });
  await list("never/2", null);
  await list("never/1", null);
  await list("never/large", null, { bytes: 1001 });
  await list("alert", before(1));
  await list("verified since", at(0));
  await sql`
    select observe_alerts('[{"kind": "lake_object", "subject": "alert", "failing": true, "summary": "x"}]')`;
  const keys = async () =>
    (await sql`select key from lake_objects_to_verify(1000, ${at(0).toISOString()})`).map(({ key }) => key);
  assert.deepEqual(await keys(), [
    "alert",
    "never/1",
    "never/2",
    "leaving",
    "ago/2000",
    "ago/1000",
    "staying",
    "gone from Postgres",
    "leaving, lately verified",
    "never/large",
  ]);
});

Deno.test("what is listed anew while it is read keeps its new listing", async () => {
  await using test = await setUp();
  const { sql, lake, folder } = test;
  const { key } = await lake.put("a", "1");
  await recordLakeObject(sql, { key, bytes: 1, sha256: "0".repeat(64) }, { kind: "backup" });
  const late: Lake = Object.assign(Object.create(lake) as Lake, {
    async stream(key: string) {
      await recordLakeObject(sql, await new FileLake(folder).put(key, "22"), { kind: "backup" });
      return await lake.stream(key);
    },
  });
  const counts = await verifyLake(sql, late, { asOf: at(0) });
  assert.deepEqual(counts, { verified: 0, faulty: 0, changed: 1, left: 0, bytes: 2 });
  assert.deepEqual(await stateOf(sql), { a: { verified: false, fault: null } });
  assert.equal((await verifyLake(sql, lake, { asOf: at(1) })).verified, 1);
});

Deno.test("a listing anew forgets what was said and found before", async () => {
  await using test = await setUp();
  const { sql, lake } = test;
  const [one, two, three] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  const batches = (...ids: string[]) => ids.map((batchId, i) => ({ batchId, rowCount: i + 1 }));
  const object = await lake.put("a", "1");
  await recordLakeObject(sql, object, { kind: "backup", batches: batches(one, two) });
  await verifyLake(sql, lake, { asOf: at(0) });
  assert.equal((await stateOf(sql)).a.verified, true);
  await recordLakeObject(
    sql,
    object,
    { kind: "report", day: "2024-01-01", batches: batches(two, three) },
    at(5),
  );
  const [row] = await sql`select * from lake_objects`;
  assert.deepEqual(
    { kind: row.kind, day: row.day, verified_at: row.verified_at, written_at: row.written_at },
    { kind: "report", day: new Date("2024-01-01"), verified_at: null, written_at: at(5) },
  );
  const listed = await sql`select batch_id, row_count::int from lake_object_batches order by row_count`;
  assert.deepEqual(listed.map((row) => ({ ...row })), [
    { batch_id: two, row_count: 1 },
    { batch_id: three, row_count: 2 },
  ]);
  assert.equal(await forgetLakeObjects(sql, ["a", "b"]), 1);
  assert.deepEqual([...await sql`select from lake_object_batches`], []);
});

Deno.test("without time nothing is read, and what was noted stays when the task is ended", async () => {
  await using test = await setUp();
  const { sql, lake } = test;
  for (const day of ["01", "02", "03"]) await writeDay(sql, lake, `2024-01-${day}`);
  assert.equal((await verifyLake(sql, lake, { budgetMs: 0 })).left, 3);
  const ending = new AbortController();
  const slow: Lake = Object.assign(Object.create(lake) as Lake, {
    stream(key: string, from?: number) {
      if (key === dayKey("2024-01-02")) ending.abort();
      return lake.stream(key, from);
    },
  });
  const counts = await verifyLake(sql, slow, { signal: ending.signal });
  assert.deepEqual({ verified: counts.verified, left: counts.left }, { verified: 1, left: 2 });
  await assert.rejects(
    compareObject(lake, { key: dayKey("2024-01-01"), bytes: 1, sha256: "", rowCount: null }, ending.signal),
    { name: "AbortError" },
  );
});

Deno.test("a lake that is away is no fault of its objects: the task is tried again, and then it does what it should", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await using server = await s3Server();
  const lake = server.lake({ attempts: 2 });
  const key = await writeDay(sql, lake, "2024-01-01");
  server.fault = () => ({ kind: "answer", status: 503, code: "ServiceUnavailable" });
  await assert.rejects(
    verifyLake(sql, lake),
    (error) => error instanceof LakeError && error.transient && /503 ServiceUnavailable/.test(error.message),
  );
  assert.deepEqual(await stateOf(sql), { [key]: { verified: false, fault: null } });

  await testPipeline(sql, [{ name: "verify_lake", kind: "queue", maxAttempts: 2 }]);
  await sql`update pipeline_tasks set handler = 'verify_lake' where pipeline = 'test'`;
  await tick(sql, TEN);
  const work = async (lake: Lake | undefined) => {
    await drainQueue(sql, taskHandlers(sql, {}, lake), {
      worker: "w",
      beginUntil: performance.now() + 10_000,
      endAt: performance.now() + 20_000,
      leaseMs: 60_000,
    });
    return (await sql`select state, error, result from task_runs`)[0];
  };
  const failed = await work(lake);
  assert.equal(failed.state, "retrying", failed.error);
  assert.match(failed.error, /503 ServiceUnavailable/);
  server.fault = undefined;
  await sql`update task_runs set next_attempt_at = now() - interval '1 day'`;
  const { state, result } = await work(lake);
  assert.equal(state, "succeeded");
  assert.deepEqual({ ...result, bytes: 0 }, { verified: 1, faulty: 0, changed: 0, left: 0, bytes: 0 });
});

Deno.test("without a lake there is nothing to verify, and that is no failure", async () => {
  await using db = await testDatabase();
  const { verify_lake } = taskHandlers(db.sql, {}, undefined);
  const task = { pipeline: "daily", task: "verify_lake", attempt: 1, logicalTime: at(0) };
  assert.deepEqual(await verify_lake(task, new AbortController().signal), { lake: "not configured" });
});
