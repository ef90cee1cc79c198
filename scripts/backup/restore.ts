/** Bringing a backup back. */

import type postgres from "postgres";
import { recordAudit } from "../../shared/audit.ts";
import { transaction } from "../../shared/database.ts";
import type { Lake } from "../../shared/lake/lake.ts";
import { startLineage } from "../../shared/lineage.ts";
import { CommandError } from "../cli.ts";
import { applyMigration } from "../database/migrations.ts";
import type { Progress, Stage } from "../progress.ts";
import { storedSequences, type StoredTable, storedTables } from "./catalog.ts";
import { connectForCopy, copyIn } from "./copy_in.ts";
import { columnList } from "./copy_out.ts";
import { loadOrder, references } from "./load_order.ts";
import { type BackupTable, type Manifest, manifestKey, partsOf, rowsOf } from "./manifest.ts";
import { readParts } from "./parts.ts";
import { migrateTo, targetsOf } from "./schema_level.ts";
import { COPY_SETTINGS, NO_LIMITS, OWN_SETTINGS } from "./session.ts";
import { silenceTriggers } from "./triggers.ts";

/** What to bring back, and where to. */
export interface RestoreOptions {
  readonly url: string;
  readonly lake: Lake;
  readonly manifest: Manifest;
  readonly progress: Progress;
}

/** What was done. */
export interface RestoreResult {
  readonly rows: number;
  /** Migrations that came after the backup and were applied to its rows, as `version_name`. */
  readonly migrated: readonly string[];
}

/** Tables whose rows somebody would miss. All others are filled by the migrations, or follow from these. */
const PRECIOUS = ["engines", "batches", "dead_letters", "sensor_data"];

/** Bytes that COPY is given at a time: enough to keep the server busy, little enough to be copied once more. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Restores a backup into a database without readings, in one transaction: all of it or nothing. Where the database is
 * empty, it is first brought to the schema of the backup; afterwards it is brought up to date.
 *
 * @throws {CommandError} The database holds something, or has another schema.
 * @throws {PartError} A part is missing or damaged.
 */
export async function restoreBackup(
  { url, lake, manifest, progress }: RestoreOptions,
): Promise<RestoreResult> {
  const sql = connectForCopy(url);
  const lost = new AbortController();
  const rows = rowsOf(partsOf(manifest));
  const stage = progress.stage("restore", rows, "rows");
  try {
    const migrated = await transaction(sql, (tx) => restoreInto(tx, lake, manifest, stage, lost.signal));
    return { rows, migrated };
  } catch (error) {
    lost.abort(error); // a session that has ended leaves the body running
    throw error;
  } finally {
    stage.end();
    await sql.end({ timeout: 1 });
  }
}

async function restoreInto(
  tx: postgres.TransactionSql,
  lake: Lake,
  manifest: Manifest,
  stage: Stage,
  signal: AbortSignal,
): Promise<string[]> {
  await tx.unsafe(NO_LIMITS);
  // Postgres 17 limits whole transactions, too
  await tx`
    select set_config(name, '0', true) from pg_catalog.pg_settings where name = 'transaction_timeout'`;
  const later = await migrateTo(tx, manifest);
  await makePartitions(tx, manifest);

  await tx.unsafe(COPY_SETTINGS);
  const stored = await storedTables(tx);
  const targets = new Map(targetsOf(manifest, stored).map((target, i) => [manifest.tables[i], target]));
  const relations = [
    ...new Set(["public.sensor_data", ...[...targets.values()].map(({ relation }) => relation)]),
  ];
  await requireEmpty(tx, relations);
  const restoreTriggers = await silenceTriggers(tx);
  // what the migrations have written; COPY may then write rows that need no vacuum (FREEZE)
  await tx.unsafe(`truncate ${relations.join(", ")}`);
  for (const table of await inLoadOrder(tx, manifest)) {
    await load(tx, lake, manifest, table, targets.get(table)!, stage, signal);
  }
  await setSequences(tx, manifest);
  await restoreTriggers();
  await tx.unsafe(OWN_SETTINGS);

  for (const migration of later) await applyMigration(tx, migration);
  await record(tx, lake, manifest);
  return later.map(({ version, name }) => `${version}_${name}`);
}

/** Makes the months that the backup has readings of, and those that it had made ahead. */
async function makePartitions(tx: postgres.TransactionSql, manifest: Manifest): Promise<void> {
  const months = manifest.tables.filter(({ partition_of }) => partition_of === "sensor_data")
    .map(({ name }) => `${name.slice(-7).replace("_", "-")}-01T00:00:00Z`);
  if (months.length > 0) await tx`select public.create_sensor_data_partitions(${months}::timestamptz[])`;
}

/** Makes sure that nothing is lost, and that nobody writes between this look and the end. */
async function requireEmpty(tx: postgres.TransactionSql, relations: readonly string[]): Promise<void> {
  await tx.unsafe(`lock table ${relations.join(", ")} in access exclusive mode`);
  for (const table of PRECIOUS) {
    const [{ holds }] = await tx`select exists (select from ${tx(`public.${table}`)}) as holds`;
    if (holds) {
      throw new CommandError(
        `Cannot restore as the database must be empty: ${table} has rows. Restore into a new database, or empty this one`,
      );
    }
  }
}

/** The tables of a backup in the order in which they can be loaded; partitions when their table's turn comes. */
async function inLoadOrder(tx: postgres.TransactionSql, manifest: Manifest): Promise<BackupTable[]> {
  const nameOf = ({ name, partition_of }: BackupTable) => partition_of ?? name;
  const names = [...new Set(manifest.tables.map(nameOf))];
  return loadOrder(names, await references(tx))
    .flatMap((name) => manifest.tables.filter((table) => nameOf(table) === name));
}

async function load(
  tx: postgres.TransactionSql,
  lake: Lake,
  manifest: Manifest,
  table: BackupTable,
  target: StoredTable,
  stage: Stage,
  signal: AbortSignal,
): Promise<void> {
  if (table.parts.length === 0) return;
  const columns = table.columns.map(({ name }) =>
    target.columns.find((column) => column.name === name)!.quoted
  );
  const statement = `copy ${target.relation} ${columnList(columns)} from stdin with (freeze)`;
  await copyIn(
    tx,
    statement,
    (async function* () {
      for await (const { part, text } of readParts(lake, manifest, table.parts)) {
        signal.throwIfAborted();
        for (let at = 0; at < text.length; at += CHUNK_BYTES) yield text.subarray(at, at + CHUNK_BYTES);
        stage.advance(part.rows, table.name);
      }
    })(),
  );
  signal.throwIfAborted();
}

/** Sets where the next numbers come from. */
async function setSequences(tx: postgres.TransactionSql, manifest: Manifest): Promise<void> {
  const stored = await storedSequences(tx);
  for (const { schema, name, last_value, is_called } of manifest.sequences) {
    const sequence = stored.find((sequence) => sequence.schema === schema && sequence.name === name);
    if (sequence === undefined) {
      throw new CommandError(
        `Cannot restore the backup of ${manifest.date} as the database must have the sequence ${schema}.${name}, which no migration made: make it, and restore again`,
      );
    }
    await tx`select setval(${sequence.relation}::regclass, ${last_value}::bigint, ${is_called})`;
  }
}

/** Writes down that it was done, beside what the backup holds. */
async function record(tx: postgres.TransactionSql, lake: Lake, manifest: Manifest): Promise<void> {
  const rows = rowsOf(partsOf(manifest));
  const input = {
    namespace: lake.url,
    name: manifestKey(manifest.date),
    inputFacets: { inputStatistics: { rowCount: rows, fileCount: partsOf(manifest).length + 1 } },
  };
  const lineage = await startLineage(tx, "restore", { inputs: [input] });
  await lineage.complete(tx, {
    inputs: [input],
    outputs: [...new Set(manifest.tables.map(({ name, partition_of }) => partition_of ?? name))]
      .map((name) => ({ namespace: "postgres", name: `public.${name}` })),
  });
  await recordAudit(tx, "deno task restore", "backup.restore", manifest.date, {
    rows,
    taken_at: manifest.taken_at,
    run_id: manifest.run_id,
  });
}
