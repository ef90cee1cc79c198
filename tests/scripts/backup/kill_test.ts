/** Backups and restores that are killed, at many points, and run again. */

import assert from "node:assert/strict";
import { checkBackup } from "../../../scripts/backup/check.ts";
import { createBackup } from "../../../scripts/backup/create.ts";
import { findBackup } from "../../../scripts/backup/find_backup.ts";
import { storedBackups } from "../../../scripts/backup/stored_backups.ts";
import { applyPlatform } from "../../../scripts/local/platform.ts";
import { silent } from "../../../scripts/progress.ts";
import { FileLake } from "../../../shared/lake/file_lake.ts";
import { storeBatch } from "../../../shared/intake.ts";
import type { Lake } from "../../../shared/lake/lake.ts";
import { startCommand } from "../../support/command_process.ts";
import { countingProxy } from "../../support/counting_proxy.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { databaseContent } from "../../support/database_content.ts";
import { candidates, readings } from "../../support/readings.ts";
import { s3Server } from "../../support/s3_server.ts";

const DATE = "2026-01-31";

function throughProxy(url: string, port: number): string {
  const proxied = new URL(url);
  proxied.port = String(port);
  return proxied.href;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** Readings of three months, and one that could not be accepted. */
async function fill(db: TestDatabase): Promise<void> {
  await storeBatch(
    db.sql,
    { source: "ingest", reference: null },
    candidates([...readings(70), { cycle: 1 }]),
  );
}

async function bareDatabase(): Promise<TestDatabase> {
  const db = await testDatabase({ empty: true });
  await applyPlatform(db.sql);
  return db;
}

/** Keys of all objects, and those that the listing of the database names. */
async function keys(db: TestDatabase, lake: Lake): Promise<{ stored: string[]; listed: string[] }> {
  const stored: string[] = [];
  for await (const { key } of lake.list("")) stored.push(key);
  const rows = await db.sql`select key from lake_objects order by key collate "C"`;
  return { stored, listed: rows.map(({ key }) => key) };
}

/** The backup of the date is whole, to the last byte of its parts. */
async function assertWhole(lake: Lake): Promise<void> {
  assert.deepEqual(await checkBackup(lake, await findBackup(lake, DATE), silent), []);
}

/** A whole backup, nothing besides, and all of it listed: once, and again after whatever came before. */
async function assertBacksUp(db: TestDatabase, lake: Lake): Promise<void> {
  const { manifest } = await createBackup({ url: db.url, lake, date: DATE, keep: 30, progress: silent });
  assert.equal((await findBackup(lake, "latest")).run_id, manifest.run_id);
  await assertWhole(lake);
  const { stored, listed } = await keys(db, lake);
  assert.deepEqual(stored, listed);
  assert.deepEqual((await storedBackups(lake)).flatMap(({ leftovers }) => leftovers), []);
}

Deno.test("a backup that is killed at any byte of the database's leaves the one before, and the next one is whole", async () => {
  await using db = await testDatabase();
  await fill(db);
  const folder = await Deno.makeTempDir({ prefix: "spool-backup-" });
  const lake = new FileLake(folder);
  const run = async (after?: number) => {
    let kill = () => {};
    const stop = after === undefined
      ? undefined
      : { direction: "toClient", after, then: () => kill() } as const;
    await using proxy = await countingProxy(portOf(db.url), stop);
    const args = [
      "--database",
      throughProxy(db.url, proxy.port),
      "--lake",
      lake.url,
      "--date",
      DATE,
      "--json",
    ];
    const command = startCommand("backup", args);
    kill = command.kill;
    return { ...await command.result, bytes: proxy.bytes.toClient };
  };
  try {
    const whole = await run();
    assert.equal(whole.code, 0, whole.stderr);
    await assertWhole(lake);
    const { run_id } = await findBackup(lake, DATE);
    for (const share of [0.05, 0.5, 0.95]) {
      assert.equal((await run(Math.floor(whole.bytes * share))).code, null, `killed at ${share}`);
      await assertWhole(lake);
      assert.equal((await findBackup(lake, DATE)).run_id, run_id, `the backup before, killed at ${share}`);
    }
    await assertBacksUp(db, lake);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a backup that is killed at any call to S3 leaves a whole one or none, and the next one is whole", async () => {
  await using s3 = await s3Server();
  await using db = await testDatabase();
  await fill(db);
  const lake = s3.lake();
  const args = ["--database", db.url, "--date", DATE, "--json"];
  /** Kills at the nth of some calls, before it is done or after. */
  const run = async (calls: RegExp, nth: number, when: "before" | "after") => {
    let seen = 0;
    const command = startCommand("backup", args, s3.env);
    s3.fault = ({ method, url }) => {
      if (!calls.test(`${method} ${url}`) || ++seen !== nth) return undefined;
      if (when === "before") command.kill();
      else setTimeout(command.kill, 50);
      return { kind: when === "before" ? "reset" : "lose answer" };
    };
    const { code } = await command.result;
    s3.fault = undefined;
    assert.equal(code, null, `killed ${when} call ${nth} of ${calls}`);
  };

  await run(/^PUT .*zst/, 3, "before");
  assert.deepEqual((await storedBackups(lake)).map(({ fault }) => fault), [
    `backups/daily/${DATE}/manifest.json is missing: it was not finished`,
  ]);
  await assert.rejects(findBackup(lake, "latest"), /it has no whole one$/);

  await assertBacksUp(db, lake);
  for (
    const [calls, nth, when, replaces] of [
      [/^PUT .*manifest/, 1, "before", false],
      [/^PUT .*manifest/, 1, "after", true],
      [/^DELETE/, 1, "before", true],
      [/^DELETE/, 5, "after", true],
    ] as const
  ) {
    const before = await findBackup(lake, DATE);
    await run(calls, nth, when);
    await assertWhole(lake);
    const replaced = (await findBackup(lake, DATE)).run_id !== before.run_id;
    assert.equal(replaced, replaces, `killed ${when} call ${nth} of ${calls}`);
  }
  await assertBacksUp(db, lake);
});

Deno.test("a restore that is killed at any byte leaves an empty database, and the next one restores all", async () => {
  await using source = await testDatabase();
  await fill(source);
  const content = await databaseContent(source.sql);
  const folder = await Deno.makeTempDir({ prefix: "spool-backup-" });
  const lake = new FileLake(folder);
  const run = async (db: TestDatabase, after?: number) => {
    let kill = () => {};
    const stop = after === undefined
      ? undefined
      : { direction: "toServer", after, then: () => kill() } as const;
    await using proxy = await countingProxy(portOf(db.url), stop);
    const command = startCommand("restore", [
      "--database",
      throughProxy(db.url, proxy.port),
      "--lake",
      lake.url,
    ]);
    kill = command.kill;
    return { ...await command.result, bytes: proxy.bytes.toServer };
  };
  try {
    const { manifest } = await createBackup({
      url: source.url,
      lake,
      date: DATE,
      keep: 30,
      progress: silent,
    });
    await using first = await bareDatabase();
    const { code, stderr, bytes } = await run(first);
    assert.equal(code, 0, stderr);

    /** Kills a restore; the database is as it was before. */
    const assertLeaves = async (db: TestDatabase, after: number) => {
      const before = await databaseContent(db.sql);
      assert.equal((await run(db, after)).code, null, `killed at ${after}`);
      for (;;) { // the server notices that its client is gone, and rolls back
        const [{ others }] = await db.sql`
          select count(*)::integer as others from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
            and state <> 'idle'`;
        if (others === 0) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert.deepEqual(await databaseContent(db.sql), before, `killed at ${after}`);
    };
    await using bare = await bareDatabase();
    for (const after of [500_000, bytes - 20]) await assertLeaves(bare, after); // in a migration; before the commit
    assert.deepEqual(await databaseContent(bare.sql), {});

    await using db = await testDatabase();
    const rows = manifest.tables.flatMap(({ parts }) => parts).reduce(
      (sum, part) => sum + part.text_bytes,
      0,
    );
    for (const share of [0.1, 0.5, 0.95]) await assertLeaves(db, Math.floor(rows * share));
    const again = await run(db);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(await databaseContent(db.sql), content);
    const refused = await run(db);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Cannot restore as the database must be empty: engines has rows/);
    assert.deepEqual(await databaseContent(db.sql), content);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
