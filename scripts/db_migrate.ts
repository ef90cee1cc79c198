/** `deno task db:migrate`: applies the migrations that a database does not have yet. */

import { connect } from "../shared/database.ts";
import { DATABASE_OPTION, databaseUrl, print, run, task } from "./cli.ts";
import { migrate } from "./database/migrations.ts";

export const dbMigrateTask = task({
  usage: "deno task db:migrate [--database URL] [--dry-run] [--json]",
  summary: "Applies the migrations of supabase/migrations that a database does not have yet. " +
    "It keeps the same history as `supabase db push`, so either can follow the other.",
  options: {
    database: DATABASE_OPTION,
    "dry-run": { type: "boolean", help: "Only say which would be applied" },
    json: { type: "boolean", help: "Print the result as JSON" },
  },
  examples: [
    ["deno task db:migrate --dry-run", "Says which migrations the local database lacks"],
    [
      "deno task db:migrate --database postgres://postgres:password@db.example.com:5432/postgres",
      "Applies them to a hosted one",
    ],
  ],
}, async (given) => {
  const sql = connect(databaseUrl(given.database), 1);
  try {
    const applied = await migrate(sql, { dryRun: given["dry-run"] });
    const names = applied.map(({ version, name }) => `${version}_${name}`);
    if (given.json) print(JSON.stringify({ dry_run: given["dry-run"], migrations: names }));
    else if (names.length === 0) print("The database has all migrations.");
    else for (const name of names) print(`${given["dry-run"] ? "would apply" : "applied"} ${name}`);
  } finally {
    await sql.end();
  }
});

if (import.meta.main) await run(dbMigrateTask);
