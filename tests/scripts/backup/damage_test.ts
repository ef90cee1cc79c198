/** Backups that are damaged in the lake, that are too many, or that were not finished. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { createBackup } from "../../../scripts/backup/create.ts";
import { findBackup } from "../../../scripts/backup/find_backup.ts";
import { manifestKey, partKey } from "../../../scripts/backup/manifest.ts";
import { restoreBackup } from "../../../scripts/backup/restore.ts";
import { storedBackups } from "../../../scripts/backup/stored_backups.ts";
import { silent } from "../../../scripts/progress.ts";
import { FileLake } from "../../../shared/lake/file_lake.ts";
import { storeBatch } from "../../../shared/intake.ts";
import { startCommand } from "../../support/command_process.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { databaseContent } from "../../support/database_content.ts";
import { candidates, readings } from "../../support/readings.ts";

/** A database with a few readings and a lake. */
async function smallSystem() {
  const db = await testDatabase();
  await storeBatch(
    db.sql,
    { source: "ingest", reference: null },
    candidates([...readings(40), { cycle: 1 }]),
  );
  const folder = await Deno.makeTempDir({ prefix: "spool-backup-" });
  const lake = new FileLake(folder);
  return {
    db,
    lake,
    path: (key: string) => join(folder, key),
    backUp: (date: string, keep = 30) => createBackup({ url: db.url, lake, date, keep, progress: silent }),
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
      await db[Symbol.asyncDispose]();
    },
  };
}

async function dates(lake: FileLake): Promise<string[]> {
  return (await storedBackups(lake)).map(({ date, fault }) =>
    fault === undefined ? date : `${date}: ${fault}`
  );
}

async function listedDates(db: TestDatabase): Promise<string[]> {
  const rows = await db.sql`
    select distinct day::text from lake_objects where kind = 'backup' and key like '%manifest.json' order by day`;
  return rows.map(({ day }) => day);
}

Deno.test("a part that is missing, cut, changed or another one is refused by its name, and nothing is restored", async () => {
  await using system = await smallSystem();
  await using target = await testDatabase();
  const { lake, path } = system;
  const { manifest } = await system.backUp("2026-01-31");
  const empty = await databaseContent(target.sql);
  const tables = manifest.tables.filter(({ parts }) => parts.length > 0);
  const [key, other] = ["pipelines", "sensor_data_2024_02"].map((name) =>
    partKey(manifest.date, tables.find((table) => table.name === name)!.parts[0])
  );
  const content = await Deno.readFile(path(key));

  const damages: [string, () => Promise<void>, RegExp][] = [
    ["missing", () => Deno.remove(path(key)), /is missing/],
    ["cut", () => Deno.writeFile(path(key), content.subarray(0, -1)), /must have .*bytes/],
    ["changed", () => Deno.writeFile(path(key), content.with(20, content[20] ^ 1)), /must have the SHA-256/],
    ["another one", () => Deno.copyFile(path(other), path(key)), /must have .*bytes/],
  ];
  for (const [name, damage, message] of damages) {
    await damage();
    const args = ["2026-01-31", "--lake", lake.url];
    const check = await startCommand("restore", [...args, "--check"]).result;
    assert.equal(check.code, 3, `${name}: ${check.stderr}`);
    const restore = await startCommand("restore", [...args, "--database", target.url]).result;
    assert.equal(restore.code, 1, name);
    for (const { stderr } of [check, restore]) {
      assert.match(stderr, message, name);
      assert.ok(stderr.includes(key), `${name}: ${stderr}`);
    }
    assert.deepEqual(await databaseContent(target.sql), empty, name);
    await Deno.writeFile(path(key), content);
  }

  const { code, stdout } = await startCommand("restore", ["--check", "--lake", lake.url, "--json"]).result;
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), { date: "2026-01-31", taken_at: manifest.taken_at, faults: [] });
});

Deno.test("a part that is damaged after the look at all of them is found when its turn comes, and all is rolled back", async () => {
  await using system = await smallSystem();
  await using target = await testDatabase();
  const { lake, path } = system;
  await system.backUp("2026-01-31");
  const manifest = await findBackup(lake, "latest");
  const last = manifest.tables.find(({ name }) => name === "sensor_data_2024_02")!.parts[0];
  const key = partKey(manifest.date, last);
  const content = await Deno.readFile(path(key));
  await Deno.writeFile(path(key), content.with(0, content[0] ^ 1));
  const before = await databaseContent(target.sql);
  await assert.rejects(
    restoreBackup({ url: target.url, lake, manifest, progress: silent }),
    new RegExp(`as ${key} must have the SHA-256`),
  );
  assert.deepEqual(await databaseContent(target.sql), before);
});

Deno.test("a manifest that is damaged is refused by its name, and the newest backup is the one before", async () => {
  await using system = await smallSystem();
  const { lake, path } = system;
  await system.backUp("2026-01-30");
  await system.backUp("2026-01-31");
  const key = manifestKey("2026-01-31");
  const text = await Deno.readTextFile(path(key));

  for (const damaged of [text.slice(0, -100), text.replace(/"rows": (\d+)/, '"rows": 9$1'), "", "{}"]) {
    assert.notEqual(damaged, text);
    await Deno.writeTextFile(path(key), damaged);
    await assert.rejects(
      findBackup(lake, "2026-01-31"),
      new RegExp(`must be whole: Cannot read ${key} as it must`),
    );
    assert.equal((await findBackup(lake, "latest")).date, "2026-01-30");
  }
  // which of its objects are parts is unknown now: the next backup says so, and removes none of them
  const { notes, leftovers } = await system.backUp("2026-02-01", 1);
  assert.equal(leftovers, 0);
  assert.match(notes.join(), /^2026-01-31 is no backup: Cannot read/);
  await Deno.writeTextFile(path(key), text);
  assert.deepEqual(await dates(lake), ["2026-01-31", "2026-02-01"]);
});

Deno.test("the newest backups are kept, older ones and what was not finished are removed, and the listing follows", async () => {
  await using system = await smallSystem();
  const { db, lake } = system;
  for (const day of [1, 2, 3, 4]) await system.backUp(`2026-01-0${day}`);
  await lake.put("backups/daily/2026-01-09/000000Z-dead/public.engines.00001.copy.zst", "half");
  await lake.put("backups/daily/2026-01-04/000000Z-dead/public.engines.00001.copy.zst", "half");
  await lake.put("backups/daily/README", "not ours");
  await lake.remove(partKey("2026-01-03", (await findBackup(lake, "2026-01-03")).tables.at(-1)!.parts[0]));

  const { removed, leftovers, notes } = await system.backUp("2026-01-05", 2);
  assert.deepEqual(removed, ["2026-01-01", "2026-01-02", "2026-01-03"]);
  assert.equal(leftovers, 2);
  assert.match(notes.join(), /^2026-01-03 is no backup: .* is missing$/);
  assert.deepEqual(await dates(lake), ["2026-01-04", "2026-01-05"]);
  assert.deepEqual(await listedDates(db), ["2026-01-04", "2026-01-05"]);
  const stored: string[] = [];
  for await (const { key } of lake.list("backups/")) stored.push(key);
  const listed = await db.sql`select key from lake_objects where kind = 'backup' order by key collate "C"`;
  assert.deepEqual(stored.filter((key) => !key.endsWith("README")), listed.map(({ key }) => key));

  const acts = await db
    .sql`select action, target, actor from audit_log where action like 'backup.%' order by id`;
  assert.deepEqual(acts.slice(-4).map(({ action, target }) => `${action} ${target}`), [
    "backup.create 2026-01-05",
    "backup.remove 2026-01-01",
    "backup.remove 2026-01-02",
    "backup.remove 2026-01-03",
  ]);
  const runs = await db.sql`
    select event_type, outputs -> 0 ->> 'name' as name from lineage_events where job_name = 'backup' order by id desc limit 2`;
  assert.deepEqual(runs.map((row) => ({ ...row })), [
    { event_type: "COMPLETE", name: "backups/daily/2026-01-05/manifest.json" },
    { event_type: "START", name: null },
  ]);
});

Deno.test("a second backup of a date takes the place of the first, which is removed", async () => {
  await using system = await smallSystem();
  const { lake } = system;
  const first = await system.backUp("2026-01-31");
  const second = await system.backUp("2026-01-31");
  assert.equal((await findBackup(lake, "2026-01-31")).run_id, second.manifest.run_id);
  assert.equal(second.leftovers, first.manifest.tables.flatMap(({ parts }) => parts).length);
  assert.deepEqual((await storedBackups(lake)).flatMap(({ leftovers }) => leftovers), []);
});

Deno.test("a backup that fails leaves nothing behind but the run that failed", async () => {
  await using system = await smallSystem();
  const { db, lake } = system;
  const full = Object.create(lake, {
    put: {
      value: (key: string, content: Uint8Array) =>
        key.includes("2024_02") ? Promise.reject(new Error("the disk is full")) : lake.put(key, content),
    },
  });
  await assert.rejects(
    createBackup({ url: db.url, lake: full, date: "2026-01-31", keep: 1, progress: silent }),
    /the disk is full/,
  );
  assert.deepEqual(await dates(lake), []);
  const [event] = await db.sql`
    select run_facets #>> '{errorMessage,message}' as message from lineage_events where event_type = 'FAIL'`;
  assert.equal(event.message, "the disk is full");
});

Deno.test("a backup is not finished when the session that held its snapshot has ended", async () => {
  await using system = await smallSystem();
  const { db, lake } = system;
  let ended = false;
  const slow = Object.create(lake, {
    put: {
      async value(key: string, content: Uint8Array) {
        if (!ended) {
          ended = true;
          await db.sql`
            select pg_terminate_backend(pid) from pg_locks
            where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`;
        }
        return await lake.put(key, content);
      },
    },
  });
  await assert.rejects(
    createBackup({ url: db.url, lake: slow, date: "2026-01-31", keep: 1, progress: silent }),
    /Cannot finish the backup as the session that held its snapshot has ended|snapshot/,
  );
  assert.deepEqual(await dates(lake), []);
});
