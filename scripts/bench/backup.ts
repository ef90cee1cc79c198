/**
 * Benchmark of backup and restore, as commands, beside what Postgres itself needs for the same tables: COPY TO into a
 * file that the server writes, and COPY FROM that file into the same tables with the same indexes and constraints. The
 * peer has no network, compresses nothing, computes no checksum, and its files are on the server's own disk.
 *
 * Hypothesis: both are at least half as fast as their peer, in memory that does not depend on the database.
 *
 * A run counts only when the restored database holds the rows of the first one.
 */

import { join } from "node:path";
import process from "node:process";
import type postgres from "postgres";
import { connect } from "../../shared/database.ts";
import { type StoredTable, storedTables } from "../backup/catalog.ts";
import { loadOrder, references } from "../backup/load_order.ts";
import { silenceTriggers } from "../backup/triggers.ts";
import { addEngines, addHistory, fleetUntil } from "./fleet.ts";
import { milliseconds, processUsage, ratios, type Spread, spread } from "./measure.ts";
import { scratchDatabase } from "./scratch.ts";

export interface BackupBenchOptions {
  readonly engines: number;
  /** Readings of the database. */
  readonly rows: number;
  readonly pairs: number;
}

export interface BackupBenchResult {
  readonly options: BackupBenchOptions;
  /** Milliseconds of the whole command, its start included. */
  readonly backup: Spread;
  readonly restore: Spread;
  /** Milliseconds of COPY. */
  readonly copyTo: Spread;
  readonly copyFrom: Spread;
  /** Speed relative to COPY's, pair by pair. */
  readonly backupToCopy: Spread;
  readonly restoreToCopy: Spread;
  /** Bytes of the backup, and of COPY's files. */
  readonly bytes: number;
  readonly copyBytes: number;
  /** Largest resident sets of the commands; null where the machine does not tell. */
  readonly peakRssMb: { readonly backup: number; readonly restore: number } | null;
}

const END = new Date("2026-01-31T00:00:00Z");

/** Runs a command of scripts/, and looks at its memory meanwhile. */
async function runCommand(name: "backup" | "restore", url: string, folder: string) {
  let peakRssBytes = 0;
  let said = "";
  const ms = await milliseconds(async () => {
    const child = new Deno.Command(process.execPath, {
      args: [
        ...["run", "--quiet", "-A", join(import.meta.dirname!, "..", `${name}.ts`)],
        ...["--json", "--database", url, "--lake", `file://${folder}`],
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    let ended = false;
    const status = child.status.finally(() => ended = true);
    const text = new Response(child.stdout).text();
    while (!ended) {
      peakRssBytes = Math.max(peakRssBytes, (await processUsage(child.pid))?.peakRssBytes || 0);
      await Promise.race([status, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    if (!(await status).success) throw new Error(`Cannot count this run as the ${name} must end well`);
    said = await text;
  });
  return { ms, peakRssBytes, result: JSON.parse(said) };
}

function fileOf(folder: string, { schema, name }: StoredTable): string {
  return join(folder, `${schema}.${name}`);
}

/** Postgres writes each table into a file of its own machine. */
async function copyTo(sql: postgres.Sql, folder: string): Promise<void> {
  for (const table of await storedTables(sql)) {
    await sql.unsafe(`copy ${table.relation} to '${fileOf(folder, table)}'`);
  }
}

/** Postgres reads them back, into empty tables with all of their indexes and constraints. */
async function copyFrom(sql: postgres.Sql, folder: string, from: readonly StoredTable[]): Promise<void> {
  const nameOf = ({ name, partitionOf }: StoredTable) => partitionOf ?? name;
  const order = loadOrder([...new Set(from.map(nameOf))], await references(sql));
  for (const name of order) {
    for (const table of from.filter((table) => nameOf(table) === name)) {
      await sql.unsafe(`copy ${table.relation} from '${fileOf(folder, table)}'`);
    }
  }
}

async function contentOf(sql: postgres.Sql): Promise<string> {
  const [row] = await sql`
    select count(*) || ' ' || sum(hashtextextended(sensor_data::text, 0)::numeric) as content from public.sensor_data`;
  return row.content;
}

/** Runs the benchmark. The commands are processes, as people run them; all of it is on one machine. */
export async function benchBackup(
  options: BackupBenchOptions,
  progress: (line: string) => void,
): Promise<BackupBenchResult> {
  const { engines, rows, pairs } = options;
  await using database = await scratchDatabase(2);
  const { sql } = database;
  const slots = Math.ceil(rows / engines);
  const fleet = fleetUntil(END, engines, slots);
  const folder = await Deno.makeTempDir({ prefix: "spool-bench-" });
  const files = join(folder, "copy");
  await Deno.mkdir(files);
  await Deno.chmod(folder, 0o755);
  await Deno.chmod(files, 0o777); // Postgres writes there, as another user where this one is root

  // databases with the schema and nothing else; a template must not be connected to
  const admin = connect(database.url.replace(/postgres$/, "template1"), 1);
  const clone = async (name: string) => {
    await admin.unsafe(`drop database if exists ${name} with (force)`);
    await admin.unsafe(`create database ${name} template migrated`);
    await admin`checkpoint`;
    return database.url.replace(/postgres$/, name);
  };
  const times = { backup: [], restore: [], copyTo: [], copyFrom: [] } as Record<string, number[]>;
  const peak = { backup: 0, restore: 0 };
  let sizes = { bytes: 0, copyBytes: 0 };
  try {
    await sql.end();
    await admin`create database migrated template postgres`;
    const source = connect(database.url, 2);
    await addEngines(source, fleet);
    await addHistory(source, fleet, 0, slots, progress);
    const content = await contentOf(source);
    const tables = await storedTables(source);

    for (let pair = 0; pair <= pairs; pair++) {
      const backup = await runCommand("backup", database.url, folder);
      const copyToMs = await milliseconds(() => copyTo(source, files));

      const restored = await clone("restored");
      await source`checkpoint`;
      const restore = await runCommand("restore", restored, folder);
      const check = connect(restored, 1);
      if (await contentOf(check) !== content) {
        throw new Error("Cannot count this run as the restored rows must be those of the backup");
      }
      await check.end();

      const copied = connect(await clone("copied"), 1);
      const months = tables.filter(({ partitionOf }) => partitionOf === "sensor_data")
        .map(({ name }) => `${name.slice(-7).replace("_", "-")}-01T00:00:00Z`);
      await copied`select public.create_sensor_data_partitions(${months}::timestamptz[])`;
      await copied.begin(async (tx) => void await silenceTriggers(tx));
      await copied.unsafe(
        `truncate public.sensor_data, ${tables.map(({ relation }) => relation).join(", ")}`,
      );
      await source`checkpoint`;
      const copyFromMs = await milliseconds(() => copyFrom(copied, files, tables));
      await copied.end();

      let copyBytes = 0;
      for await (const { name } of Deno.readDir(files)) {
        copyBytes += (await Deno.stat(join(files, name))).size;
      }
      sizes = { bytes: backup.result.bytes, copyBytes };
      peak.backup = Math.max(peak.backup, backup.peakRssBytes);
      peak.restore = Math.max(peak.restore, restore.peakRssBytes);
      progress(
        `pair ${pair}: backup ${backup.ms.toFixed(0)} ms, COPY TO ${copyToMs.toFixed(0)} ms, restore ${
          restore.ms.toFixed(0)
        } ms, COPY FROM ${copyFromMs.toFixed(0)} ms`,
      );
      if (pair === 0) continue; // warms up
      times.backup.push(backup.ms);
      times.copyTo.push(copyToMs);
      times.restore.push(restore.ms);
      times.copyFrom.push(copyFromMs);
    }
    await source.end();
  } finally {
    await admin.end();
    await Deno.remove(folder, { recursive: true });
  }
  return {
    options,
    backup: spread(times.backup),
    restore: spread(times.restore),
    copyTo: spread(times.copyTo),
    copyFrom: spread(times.copyFrom),
    backupToCopy: ratios(times.copyTo, times.backup),
    restoreToCopy: ratios(times.copyFrom, times.restore),
    ...sizes,
    peakRssMb: peak.backup > 0
      ? { backup: peak.backup / 1024 / 1024, restore: peak.restore / 1024 / 1024 }
      : null,
  };
}
