/** The next migration: what the migrations so far lack of `sql/`. */

import { join } from "node:path";
import { connect } from "../../shared/database.ts";
import { applyPlatform } from "../local/platform.ts";
import { freePort, startPostgres } from "../local/postgres.ts";
import { difference } from "./difference.ts";
import { migrate, migrations } from "./migrations.ts";
import { applySchema, runsAgain, schemaFiles } from "./schema.ts";

const HEADER =
  "-- Written by `deno task db:migration` from sql/. Do not edit: change sql/ and write another one.";

/**
 * How every migration ends: what it leaves is what check_schema compares the catalog with, and that it was applied is
 * an administrative act, whoever applies it.
 *
 * @param name Of the file, without `.sql`.
 */
function ending(name: string): string[] {
  return ["select public.declare_schema();", `select public.record_audit('migration.apply', '${name}');`];
}

/** Connection strings of `migrated`, built from the migrations, and `desired`, built from sql/. */
export interface BothDatabases {
  readonly migrated: string;
  readonly desired: string;
}

/** Runs with both databases on a scratch server. */
export async function withBothDatabases<T>(use: (databases: BothDatabases) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "spool-migration-" });
  await Deno.chmod(folder, 0o755);
  const server = await startPostgres({ dataDir: join(folder, "data"), port: freePort() });
  try {
    const admin = connect(server.url("postgres"), 1);
    for (const [name, build] of [["migrated", migrate], ["desired", applySchema]] as const) {
      await admin.unsafe(`create database ${name}`);
      const sql = connect(server.url(name), 1);
      await applyPlatform(sql);
      await build(sql);
      // the CLI's own bookkeeping is not part of the schema
      await sql`drop schema if exists supabase_migrations cascade`;
      await sql.end();
    }
    await admin.end();
    return await use({ migrated: server.url("migrated"), desired: server.url("desired") });
  } finally {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Columns are dropped last, after the seeds of `sql/90_jobs`: where a setting has moved, the seed of its new place can
 * still take over what somebody has set in the old one.
 */
const DROPS_COLUMN = /^alter table \S+ drop column /i;

/**
 * The next migration's text, or nothing when the migrations already lead to `sql/`.
 *
 * @param name Of its file, without `.sql`.
 */
export async function nextMigration(
  name: string,
  { migrated, desired }: BothDatabases,
): Promise<string | undefined> {
  const files = await schemaFiles();
  const past = await migrations();
  const parts = [HEADER, "set check_function_bodies = off;"];
  const section = ({ path, text }: { path: string; text: string }) => `-- ${path}\n${text.trim()}`;

  // The first migration is sql/ itself, with its comments; later ones are the difference.
  if (past.length === 0) return [...parts, ...files.map(section)].join("\n\n") + "\n";

  const statements = await difference(migrated, desired);
  const seen = past.map(({ text }) => text).join("\n");
  const again = files.filter((file) => runsAgain(file) && !seen.includes(section(file)));
  if (statements.length === 0 && again.length === 0) return undefined;
  return [
    ...parts,
    ...statements.filter((sql) => !DROPS_COLUMN.test(sql)).map((sql) => `${sql};`),
    ...again.map(section),
    ...statements.filter((sql) => DROPS_COLUMN.test(sql)).map((sql) => `${sql};`),
    ...ending(name),
  ].join("\n\n") + "\n";
}

/** Versions are times, and must come after every version there is. */
export function nextVersion(last: string | undefined): string {
  const now = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  return last === undefined || now > last ? now : String(BigInt(last) + 1n);
}

/**
 * What is wrong with the migrations, if they do not lead to `sql/`.
 *
 * @returns A sentence that says what to do, with what would be written.
 */
export async function migrationFault(databases: BothDatabases): Promise<string | undefined> {
  const text = await nextMigration("next", databases);
  return text && "Cannot pass as supabase/migrations must lead to sql/: run deno task db:migration NAME. " +
      `It would write\n${text}`;
}
