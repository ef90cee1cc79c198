/** Backup and restore as a whole, on real Postgres servers. */

import assert from "node:assert/strict";
import { copyIn } from "../../scripts/backup/copy_in.ts";
import { createBackup } from "../../scripts/backup/create.ts";
import { findBackup } from "../../scripts/backup/find_backup.ts";
import type { Manifest } from "../../scripts/backup/manifest.ts";
import { restoreBackup } from "../../scripts/backup/restore.ts";
import { applyMigration, makeHistory, migrate, migrations } from "../../scripts/database/migrations.ts";
import { applyPlatform } from "../../scripts/local/platform.ts";
import { silent } from "../../scripts/progress.ts";
import { transaction } from "../../shared/database.ts";
import { FileLake } from "../../shared/lake/file_lake.ts";
import type { Lake } from "../../shared/lake/lake.ts";
import { storeBatch } from "../../shared/intake.ts";
import { fillAwkwardly, fillStrangeTable, makeStrangeTable } from "../support/awkward_data.ts";
import { hasPostgres15, type TestDatabase, testDatabase } from "../support/database.ts";
import { databaseContent } from "../support/database_content.ts";
import { candidates, reading, readings } from "../support/readings.ts";
import { s3Server } from "../support/s3_server.ts";

const DATE = "2026-01-31";
const PROGRESS = { progress: silent };

async function backUp(db: TestDatabase, lake: Lake, date = DATE, keep = 30) {
  return await createBackup({ url: db.url, lake, date, keep, ...PROGRESS });
}

async function restore(db: TestDatabase, lake: Lake, manifest: Manifest) {
  return await restoreBackup({ url: db.url, lake, manifest, ...PROGRESS });
}

/** What Supabase brings, and nothing of ours. */
async function bareDatabase(version: 15 | 17 = 17): Promise<TestDatabase> {
  const db = await testDatabase({ version, empty: true });
  await applyPlatform(db.sql);
  return db;
}

async function fileLake(): Promise<{ lake: FileLake; folder: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "spool-backup-" });
  return {
    lake: new FileLake(folder),
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

for (const [from, to] of [[17, 17], [15, 17], [17, 15]] as const) {
  Deno.test({
    name:
      `a backup of Postgres ${from} is restored row for row into an empty Postgres ${to}, which then works`,
    ignore: !hasPostgres15 && from + to < 34,
    async fn() {
      await using source = await testDatabase({ version: from });
      await using target = await bareDatabase(to);
      await using storage = await fileLake();
      await fillAwkwardly(source.sql);
      const before = await databaseContent(source.sql);
      const { manifest } = await backUp(source, storage.lake);
      await restore(target, storage.lake, manifest);

      assert.deepEqual(await databaseContent(target.sql), before);
      assert.match(before["partitions.sensor_data_2024_03"], /^[1-9]/);

      // as if nothing had happened: new rows get new numbers, old readings are known, the checks judge
      const again = await storeBatch(
        target.sql,
        { source: "ingest", reference: null },
        candidates([...readings(3), reading({ cycle: 501 }), { cycle: "bad" }]),
      );
      assert.deepEqual([again.accepted, again.duplicates, again.rejections.length], [1, 3, 1]);
      const [{ fresh }] = await target.sql`
        select max(id) > (select count(*) from dead_letters) as fresh from dead_letters`;
      assert.ok(fresh);
      const verdicts = await target
        .sql`select metric_name, status from run_checks() where metric_name = 'schema'`;
      assert.deepEqual(verdicts.map((row) => ({ ...row })), [{ metric_name: "schema", status: "pass" }]);
      const [{ changes }] = await target.sql`select count(*)::integer as changes from sensor_data_changes`;
      assert.equal(changes, 0); // the triggers fire again: what was written was noted, and is rolled up
      const [{ silent }] = await target.sql`
        select count(*)::integer as silent from pg_trigger where not tgisinternal and tgenabled <> 'O'`;
      assert.equal(silent, 0);
    },
  });
}

/** Every migration but the newest ended a release. */
const RELEASES = (await migrations()).slice(0, -1);

for (const [place, release] of RELEASES.entries()) {
  Deno.test(`a backup of a database of the release ${release.version} is restored, and brought up to date`, async () => {
    await using source = await bareDatabase();
    await using target = await bareDatabase();
    await using storage = await fileLake();
    const { sql } = source;
    await transaction(sql, makeHistory);
    for (const migration of RELEASES.slice(0, place + 1)) {
      await transaction(sql, (tx) => applyMigration(tx, migration));
    }
    await sql`select create_sensor_data_partitions(array['2024-01-01', '2024-02-01']::timestamptz[])`;
    await sql`insert into engines (unit_number) values ('ENGINE_001')`;
    await sql`
      insert into sensor_data (engine_id, cycle, "timestamp", s2, batch_id)
      select id, day, '2024-01-01'::timestamptz + make_interval(days => day), 640.5, gen_random_uuid()
      from engines, generate_series(1, 50) as day`;
    await sql`
      insert into dead_letters (batch_id, source, position, payload, payload_digest, path, reason)
      values (gen_random_uuid(), 'ingest', 0, '{"s2": "hot"}', md5('{"s2": "hot"}'), 's2', 'Too hot')`;
    const before = await databaseContent(sql);
    const { manifest, notes } = await backUp(source, storage.lake);
    const [{ recorded }] = await sql`select to_regclass('public.lineage_events') is not null as recorded`;
    assert.equal(/The database is of an earlier release/.test(notes.join()), !recorded);

    const { migrated } = await restore(target, storage.lake, manifest);
    const later = (await migrations()).slice(place + 1).map(({ version, name }) => `${version}_${name}`);
    assert.deepEqual(migrated, later);
    assert.deepEqual(await migrate(target.sql), []);
    const after = await databaseContent(target.sql);
    for (const relation of Object.keys(before).filter((relation) => relation.startsWith("partitions."))) {
      assert.equal(after[relation], before[relation], relation);
    }
    const [letter] = await target.sql`select id::integer, payload::text, reason from dead_letters`;
    assert.deepEqual({ ...letter }, { id: 1, payload: '{"s2": "hot"}', reason: "Too hot" });
    const [schema] = await target.sql`select status from run_checks() where metric_name = 'schema'`;
    assert.equal(schema.status, "pass");

    // the other way round, rows of an old schema do not fit into a new one
    await using newer = await testDatabase();
    await assert.rejects(
      restore(newer, storage.lake, manifest),
      /must not be ahead of it: it has migration \d{14}/,
    );
  });
}

Deno.test("a backup of a later release is refused by its release", async () => {
  await using source = await testDatabase();
  await using target = await bareDatabase();
  await using storage = await fileLake();
  await source.sql`insert into supabase_migrations.schema_migrations values ('29990101000000', '{}', 'warp')`;
  const { manifest } = await backUp(source, storage.lake);
  await assert.rejects(
    restore(target, storage.lake, manifest),
    /Spool must have its migration 29990101000000_warp: it was made by Spool .*Use that release, or a later one$/,
  );
});

Deno.test("a database without migrations is not backed up", async () => {
  await using source = await bareDatabase();
  await using storage = await fileLake();
  await assert.rejects(backUp(source, storage.lake), /must have the migrations.*it has none/);
});

Deno.test("a row that a foreign key refuses after the last one was sent ends the restore with the server's reason", async () => {
  await using target = await testDatabase({ connections: 1 });
  await assert.rejects(
    transaction(target.sql, (tx) =>
      copyIn(
        tx,
        "copy public.lake_object_batches (key, batch_id, row_count) from stdin",
        (async function* () {
          yield new TextEncoder().encode("nowhere\t00000000-0000-4000-8000-000000000000\t1\n");
        })(),
      )),
    /violates foreign key constraint/,
  );
});

Deno.test("tables that nobody's migration made are backed up, and restored where they are made by hand", async () => {
  await using source = await testDatabase();
  await using target = await testDatabase();
  await using storage = await fileLake();
  await makeStrangeTable(source.sql);
  await fillStrangeTable(source.sql);
  const before = await databaseContent(source.sql);
  const { manifest, notes } = await backUp(source, storage.lake);
  assert.equal(notes.filter((note) => note.includes("not as the migrations made it")).length, 12);

  await assert.rejects(
    restore(target, storage.lake, manifest),
    /public\.Ärger "x"\/y is missing.*make the same/,
  );
  await makeStrangeTable(target.sql);
  await restore(target, storage.lake, manifest);
  assert.deepEqual(await databaseContent(target.sql), before);
});

Deno.test("a backup goes to S3 and comes back from there", async () => {
  await using s3 = await s3Server();
  await using source = await testDatabase();
  await using target = await bareDatabase();
  await fillAwkwardly(source.sql);
  const before = await databaseContent(source.sql);
  const lake = s3.lake({ prefix: "spool" });
  await backUp(source, lake);
  await restore(target, lake, await findBackup(lake, "latest"));
  assert.deepEqual(await databaseContent(target.sql), before);
});

Deno.test("a backup holds one moment, whatever is written meanwhile", async () => {
  await using source = await testDatabase({ connections: 8 });
  await using target = await bareDatabase();
  await using storage = await fileLake();
  let stop = false;
  let cycle = 0;
  const write = async (engine: string) => {
    while (!stop) {
      const batch = Array.from(
        { length: 20 },
        () => reading({ engine_id: engine, cycle: ++cycle % 90 + 1 }),
      );
      await storeBatch(
        source.sql,
        { source: "ingest", reference: null },
        candidates([...batch, { engine_id: engine, cycle: "one" }]),
      );
    }
  };
  const writers = ["ENGINE_001", "ENGINE_002", "ENGINE_003"].map(write);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { manifest } = await backUp(source, storage.lake).finally(async () => {
    stop = true;
    await Promise.all(writers);
  });

  await restore(target, storage.lake, manifest);
  const [torn] = await target.sql`
    select
      (select count(*)::integer from sensor_data where batch_id not in (select id from batches)) as readings,
      (select count(*)::integer from dead_letters where batch_id not in (select id from batches)) as letters,
      (select count(*)::integer from batches where accepted <> (
        select count(*) from sensor_data where batch_id = batches.id
      )) as batches`;
  assert.deepEqual({ ...torn }, { readings: 0, letters: 0, batches: 0 });
  const count = async (db: TestDatabase) => (await db.sql`select count(*)::integer as n from batches`)[0].n;
  assert.ok(await count(target) > 0 && await count(target) < await count(source));
});

Deno.test("a table cannot be dropped or emptied while it is backed up, and one backup runs at a time", async () => {
  await using source = await testDatabase();
  await storeBatch(source.sql, { source: "ingest", reference: null }, candidates(readings(3)));
  await using storage = await fileLake();
  const { lake } = storage;
  const tried: string[] = [];
  /** A lake that, when the first part comes, looks what others can do. */
  const curious: Lake = Object.create(lake, {
    put: {
      async value(key: string, content: Uint8Array) {
        if (tried.length === 0) {
          tried.push("begun");
          const attempt = (statement: string) =>
            source.sql.begin(async (tx) => {
              await tx`set local lock_timeout = '50ms'`;
              await tx.unsafe(statement);
            }).then(() => "done", (error) => error.code as string);
          tried.push(await attempt("truncate sensor_data"));
          tried.push(await attempt("drop table partitions.sensor_data_2024_01"));
          tried.push(await attempt("alter table engines add column colour text"));
          tried.push(await attempt("delete from sensor_data_changes"));
          tried.push(await backUp(source, lake).then(() => "done", (error) => error.message));
        }
        return await lake.put(key, content);
      },
    },
  });
  await backUp(source, curious);
  assert.deepEqual(tried, [
    "begun",
    "55P03",
    "55P03",
    "55P03",
    "done",
    "Cannot back up as another backup of this database is running: wait until it has ended",
  ]);
});
