/**
 * `supabase/migrations/`, applied as `supabase db push` applies them: in the order of their versions, each in a
 * transaction of its own, remembered in supabase_migrations.schema_migrations.
 */

import { join } from "node:path";
import type postgres from "postgres";

export const MIGRATIONS_DIR = join(import.meta.dirname!, "..", "..", "supabase", "migrations");

/** The CLI skips files that are named otherwise. */
const FILE_NAME = /^(\d{14})_([a-z0-9_]+)\.sql$/;

export interface Migration {
  /** Fourteen digits, from the time it was written (UTC). */
  readonly version: string;
  readonly name: string;
  readonly text: string;
}

/** All migrations, oldest first. */
export async function migrations(): Promise<Migration[]> {
  const found: Migration[] = [];
  for await (const { name: file } of Deno.readDir(MIGRATIONS_DIR)) {
    const match = FILE_NAME.exec(file);
    if (match === null) {
      throw new Error(`Cannot read migrations as ${file} must be named like 20240101000000_name.sql`);
    }
    found.push({
      version: match[1],
      name: match[2],
      text: await Deno.readTextFile(join(MIGRATIONS_DIR, file)),
    });
  }
  return found.sort((a, b) => a.version.localeCompare(b.version));
}

/** Makes the history of migrations where there is none. */
export async function makeHistory(tx: postgres.TransactionSql): Promise<void> {
  // IF NOT EXISTS alone does not keep two sessions from making the same thing at once, and after waiting
  // for a lock it goes by what the session remembers, until a query of a table has made it look again
  await tx`select pg_advisory_xact_lock(hashtext('supabase_migrations'))`;
  await tx`select from pg_catalog.pg_namespace where nspname = 'supabase_migrations'`;
  await tx`create schema if not exists supabase_migrations`;
  await tx`
    create table if not exists supabase_migrations.schema_migrations (
      version text not null primary key, statements text[], name text
    )`;
}

/** Applies a migration and remembers it, unless it is remembered already. */
export async function applyMigration(
  tx: postgres.TransactionSql,
  { version, name, text }: Migration,
): Promise<void> {
  await tx`lock table supabase_migrations.schema_migrations in exclusive mode`;
  const [known] = await tx`select from supabase_migrations.schema_migrations where version = ${version}`;
  if (known !== undefined) return; // somebody else applied it meanwhile
  try {
    await tx.unsafe(text);
  } catch (error) {
    throw new Error(`Cannot apply migration ${version}_${name}`, { cause: error });
  }
  await tx`
    insert into supabase_migrations.schema_migrations (version, name, statements)
    values (${version}, ${name}, ${[text]})`;
}

/**
 * Applies the migrations that the database does not have yet.
 *
 * @param options.dryRun Only say which they are.
 * @returns Those that were (or would be) applied.
 */
export async function migrate(
  sql: postgres.Sql,
  options: { readonly dryRun?: boolean } = {},
): Promise<Migration[]> {
  const all = await migrations();
  const [{ remembered }] = await sql`
    select to_regclass('supabase_migrations.schema_migrations') is not null as remembered`;
  if (!remembered && !options.dryRun) {
    await sql.begin(makeHistory);
  }
  const applied = new Set(
    remembered
      ? (await sql`select version from supabase_migrations.schema_migrations`).map((row) => row.version)
      : [],
  );
  const pending = all.filter((migration) => !applied.has(migration.version));
  if (options.dryRun) return pending;

  for (const migration of pending) await sql.begin((tx) => applyMigration(tx, migration));
  return pending;
}
