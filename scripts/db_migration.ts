/** `deno task db:migration`: writes the next migration from `sql/`. */

import { join } from "node:path";
import { CommandError, print, run, task, UsageError } from "./cli.ts";
import { migrations, MIGRATIONS_DIR } from "./database/migrations.ts";
import { migrationFault, nextMigration, nextVersion, withBothDatabases } from "./database/next_migration.ts";

export const dbMigrationTask = task({
  usage: "deno task db:migration NAME | --check [--json]",
  summary: "Writes the next migration: what the migrations so far lack of sql/. " +
    "Compares the catalogs of two databases, one built from each, on a scratch Postgres.",
  options: {
    check: { type: "boolean", help: "Write nothing; exit 1 when the migrations do not lead to sql/" },
    json: { type: "boolean", help: "Print the result as JSON: the name of the file, or null" },
  },
  positionals: [0, 1],
  examples: [
    ["deno task db:migration add_sensor", "Writes supabase/migrations/TIME_add_sensor.sql"],
    ["deno task db:migration --check", "Says whether one has to be written, as `deno task check` does"],
  ],
}, async ({ check, json }, [name]) => {
  if (!check && !/^[a-z0-9_]+$/.test(name ?? "")) {
    throw new UsageError("Cannot name the migration as NAME must be of the letters a-z, digits and _");
  }
  if (check) {
    const fault = await withBothDatabases(migrationFault);
    if (fault !== undefined) throw new CommandError(fault);
    print(json ? JSON.stringify({ migration: null }) : "supabase/migrations leads to sql/");
    return;
  }
  const file = `${nextVersion((await migrations()).at(-1)?.version)}_${name}`;
  const text = await withBothDatabases((databases) => nextMigration(file, databases));
  if (text !== undefined) await Deno.writeTextFile(join(MIGRATIONS_DIR, `${file}.sql`), text);
  const migration = text === undefined ? null : `supabase/migrations/${file}.sql`;
  if (json) print(JSON.stringify({ migration }));
  else {print(
      migration === null ? "Nothing to write: the migrations already lead to sql/" : `wrote ${migration}`,
    );}
});

if (import.meta.main) await run(dbMigrationTask);
