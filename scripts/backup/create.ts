/** Making a backup. */

import type postgres from "postgres";
import { recordAudit } from "../../shared/audit.ts";
import { connect, transaction } from "../../shared/database.ts";
import { backupPrefix } from "../../shared/lake/keys.ts";
import { forgetLakeObjects } from "../../shared/lake/listing.ts";
import type { Lake, WrittenObject } from "../../shared/lake/lake.ts";
import { type LineageRun, startLineage } from "../../shared/lineage.ts";
import { VERSION } from "../../shared/version.ts";
import type { Progress } from "../progress.ts";
import { listBackup, listUnlisted } from "./listing.ts";
import {
  type Manifest,
  manifestKey,
  manifestText,
  partKey,
  partsOf,
  rowsOf,
  type StoredManifest,
} from "./manifest.ts";
import { backupsToRemove } from "./retention.ts";
import { requireHeld, type Snapshot, withSnapshot } from "./snapshot.ts";
import { type StoredBackup, storedBackups } from "./stored_backups.ts";
import { writeParts } from "./write_parts.ts";

/** What to back up, and where to. */
export interface BackupOptions {
  readonly url: string;
  readonly lake: Lake;
  /** `2024-01-31`. */
  readonly date: string;
  /** How many whole backups stay. */
  readonly keep: number;
  readonly progress: Progress;
}

/** What was done. */
export interface BackupResult {
  readonly manifest: Manifest;
  /** Dates whose backups were removed, because there are enough newer ones. */
  readonly removed: readonly string[];
  /** Objects of interrupted backups, and of the one that this one replaces, that were removed. */
  readonly leftovers: number;
  /** What somebody should look at: folders that are no backup, columns that no migration made. */
  readonly notes: readonly string[];
}

const BY = "deno task backup";

/**
 * Writes a backup: all rows of one moment. Until the last of it, the manifest, is written, the backup that the date had
 * before is the date's; afterwards this one is.
 */
export async function createBackup(options: BackupOptions): Promise<BackupResult> {
  const sql = connect(options.url, 1);
  try {
    return await withSnapshot(options.url, async (snapshot) => {
      if (!await hasRecords(sql)) return await backUp(sql, snapshot, undefined, options);
      // after the snapshot, which would otherwise hold a run that never ends
      const lineage = await startLineage(sql, "backup", {
        inputs: snapshot.tables.filter(({ partitionOf }) => partitionOf === null).map(({ schema, name }) => ({
          namespace: "postgres",
          name: `${schema}.${name}`,
        })),
      });
      try {
        return await backUp(sql, snapshot, lineage, options);
      } catch (error) {
        await lineage.fail(sql, error).catch(() => {}); // the error tells more than that it could not be noted
        throw error;
      }
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Whether the database has the listing, the lineage and the audit log: releases before 0.5 have none of them. */
async function hasRecords(sql: postgres.Sql): Promise<boolean> {
  const [{ has }] = await sql`select to_regproc('public.record_lake_object') is not null as has`;
  return has;
}

async function backUp(
  sql: postgres.Sql,
  snapshot: Snapshot,
  lineage: LineageRun | undefined,
  options: BackupOptions,
): Promise<BackupResult> {
  const { url, lake, date, keep, progress } = options;
  const runId = lineage?.id ?? crypto.randomUUID();
  const run = `${snapshot.takenAt.toISOString().slice(11, 19).replaceAll(":", "")}Z-${runId.slice(0, 8)}`;
  const stage = progress.stage("backup", null, "rows");
  let stored: StoredManifest;
  try {
    const manifest: Manifest = {
      format: 1,
      date,
      run_id: runId,
      taken_at: snapshot.takenAt.toISOString(),
      written_at: "",
      spool_version: VERSION,
      postgres_version: snapshot.postgresVersion,
      migrations: [...snapshot.migrations],
      tables: await writeParts(url, snapshot, { lake, date, run }, stage),
      sequences: snapshot.sequences.map(({ schema, name, lastValue, isCalled }) => ({
        schema,
        name,
        last_value: lastValue,
        is_called: isCalled,
      })),
    };
    await requireHeld(sql, snapshot);
    stored = await seal(lake, { ...manifest, written_at: new Date().toISOString() });
  } catch (error) {
    await removeRun(lake, date, run).catch(() => {}); // the next backup does it otherwise
    throw error;
  } finally {
    stage.end();
  }
  return await settle(sql, snapshot, lineage, stored, await storedBackups(lake), { lake, keep });
}

/** Writes the manifest, if the parts are still what they were when they were written. */
async function seal(lake: Lake, manifest: Manifest): Promise<StoredManifest> {
  // a backup of another database into the same lake, which must not be, could have taken them for leftovers
  const sizes = new Map<string, number>();
  for await (const { key, bytes } of lake.list(backupPrefix(manifest.date))) sizes.set(key, bytes);
  for (const part of partsOf(manifest)) {
    const key = partKey(manifest.date, part);
    if (sizes.get(key) !== part.bytes) {
      throw new Error(
        `Cannot finish the backup as ${key} must have ${part.bytes} bytes: current value is ${
          sizes.get(key) ?? "missing"
        }`,
      );
    }
  }
  const object: WrittenObject = await lake.put(manifestKey(manifest.date), manifestText(manifest));
  return { manifest, object };
}

async function removeRun(lake: Lake, date: string, run: string): Promise<void> {
  for await (const { key } of lake.list(`${backupPrefix(date)}${run}/`)) await lake.remove(key);
}

/** What is in the folder of a backup, and what its manifest says there is: a damaged one lacks some of it. */
function keysOf({ date, keys, stored }: StoredBackup): string[] {
  const named = stored === undefined ? [] : partsOf(stored.manifest).map((part) => partKey(date, part));
  return [...keys, ...named];
}

/** What follows once the backup is whole: it is listed, and what is not needed any more is removed. */
async function settle(
  sql: postgres.Sql,
  snapshot: Snapshot,
  lineage: LineageRun | undefined,
  stored: StoredManifest,
  backups: readonly StoredBackup[],
  { lake, keep }: { readonly lake: Lake; readonly keep: number },
): Promise<BackupResult> {
  const { manifest } = stored;
  const parts = partsOf(manifest);
  const size = parts.reduce((sum, { bytes }) => sum + bytes, stored.object.bytes);
  const old = backupsToRemove(backups, keep, manifest.date);
  const leftovers = backups.flatMap((backup) => backup.leftovers);
  // a manifest goes before its parts: without it they are leftovers, and not a backup that lacks some
  const unwanted = [
    ...new Set([...old.map(({ date }) => manifestKey(date)), ...leftovers, ...old.flatMap(keysOf)]),
  ];

  if (lineage !== undefined) {
    await transaction(sql, async (tx) => {
      await forgetLakeObjects(tx, unwanted);
      await listBackup(tx, stored);
      await listUnlisted(tx, backups.filter((backup) => !old.includes(backup)));
      await recordAudit(tx, BY, "backup.create", manifest.date, {
        rows: rowsOf(parts),
        bytes: size,
        sha256: stored.object.sha256,
      });
      for (const { date } of old) await recordAudit(tx, BY, "backup.remove", date, { keep });
      await lineage.complete(tx, {
        outputs: [{
          namespace: lake.url,
          name: stored.object.key,
          outputFacets: { outputStatistics: { rowCount: rowsOf(parts), size, fileCount: parts.length + 1 } },
        }],
      });
    });
  }
  for (const key of unwanted) await lake.remove(key);

  return {
    manifest,
    removed: old.map(({ date }) => date),
    leftovers: leftovers.length,
    notes: [
      ...(lineage === undefined
        ? [
          "The database is of an earlier release, which keeps no record of backups: this one is not listed in it",
        ]
        : []),
      ...backups.filter(({ fault, leftovers, keys }) => fault !== undefined && leftovers.length < keys.length)
        .map(({ date, fault }) => `${date} is no backup: ${fault}`),
      ...snapshot.undeclared.map((column) =>
        `${column} is not as the migrations made it: a restore needs a database with the same change`
      ),
    ],
  };
}
