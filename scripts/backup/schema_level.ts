/** Bringing the schema of a database to that of a backup. */

import type postgres from "postgres";
import { CommandError } from "../cli.ts";
import { applyMigration, makeHistory, type Migration, migrations } from "../database/migrations.ts";
import { appliedMigrations, type StoredTable } from "./catalog.ts";
import type { Manifest } from "./manifest.ts";

function named({ version, name }: { readonly version: string; readonly name: string }): string {
  return name === "" ? version : `${version}_${name}`;
}

/**
 * Applies the migrations that the backup's database had and this one lacks.
 *
 * @returns Those that came after the backup: they are to be applied to its rows.
 * @throws {CommandError} The database has migrations that the backup lacks, or this Spool does not have the backup's.
 */
export async function migrateTo(tx: postgres.TransactionSql, manifest: Manifest): Promise<Migration[]> {
  const wanted = new Set(manifest.migrations.map(({ version }) => version));
  const known = await migrations();
  const missing = manifest.migrations.find(({ version }) =>
    !known.some((known) => known.version === version)
  );
  if (missing !== undefined) {
    throw new CommandError(
      `Cannot restore the backup of ${manifest.date} as Spool must have its migration ${
        named(missing)
      }: it was made by Spool ${manifest.spool_version}. Use that release, or a later one`,
    );
  }
  await makeHistory(tx);
  const applied = await appliedMigrations(tx);
  const newer = applied.find(({ version }) => !wanted.has(version));
  if (newer !== undefined) {
    throw new CommandError(
      `Cannot restore the backup of ${manifest.date} as the database must not be ahead of it: it has migration ${
        named(newer)
      }. Restore into an empty database: it is brought to the backup's schema, and afterwards up to date`,
    );
  }
  for (const migration of known) {
    if (!wanted.has(migration.version)) continue;
    if (!applied.some(({ version }) => version === migration.version)) await applyMigration(tx, migration);
  }
  return known.filter(({ version }) => !wanted.has(version));
}

/**
 * Finds the tables that a backup's rows go to.
 *
 * @param stored Tables of the database.
 * @returns In the order of the manifest.
 * @throws {CommandError} A table is missing, or has other columns.
 */
export function targetsOf(manifest: Manifest, stored: readonly StoredTable[]): StoredTable[] {
  const faults: string[] = [];
  const targets = manifest.tables.map(({ schema, name, columns }) => {
    const target = stored.find((table) => table.schema === schema && table.name === name);
    if (target === undefined) {
      faults.push(`${schema}.${name} is missing`);
      return undefined;
    }
    const typed = (list: readonly { readonly name: string; readonly type: string }[]) =>
      list.map(({ name, type }) => `${name} ${type}`);
    const wanted = typed(columns);
    const found = typed(target.columns);
    faults.push(
      ...wanted.filter((column) => !found.includes(column)).map((column) =>
        `${schema}.${name} lacks ${column}`
      ),
      ...found.filter((column) => !wanted.includes(column)).map((column) =>
        `${schema}.${name} has ${column} besides`
      ),
    );
    return target;
  });
  if (faults.length > 0) {
    throw new CommandError(
      `Cannot restore the backup of ${manifest.date} as the database must have the tables and columns of the backed up one, ` +
        `which no migration made: ${
          faults.join("; ")
        }. Run deno task db:migrate, make the same changes, and restore again`,
    );
  }
  return targets as StoredTable[];
}
