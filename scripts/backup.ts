/** `deno task backup`: the whole database into the lake. */

import { createBackup } from "./backup/create.ts";
import { manifestKey, partsOf, rowsOf } from "./backup/manifest.ts";
import { complain, DATABASE_OPTION, databaseUrl, print, run, task, UsageError, wholeNumber } from "./cli.ts";
import { LAKE_OPTION, lakeOf } from "./lake.ts";
import { createProgress } from "./progress.ts";

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function dateOf(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text)) {
    return text;
  }
  throw new UsageError(
    `Cannot read --date as it must be a date such as 2024-01-31: current value is ${text}`,
  );
}

export const backupTask = task({
  usage: "deno task backup [--database URL] [--lake URL] [--date YYYY-MM-DD] [--keep DAYS] [--json]",
  summary:
    "Writes all tables of the database, as they are at one moment, to backups/daily/DATE/ in the lake, from where " +
    "deno task restore brings them back. A second backup of a date replaces the first once it is whole. Readings keep " +
    "coming in meanwhile. Not part of it: what the platform keeps in other schemas, such as users (auth), " +
    "secrets (vault) and the schedule (cron), which the migrations make again.",
  options: {
    date: { type: "string", value: "DATE", help: "Day that it is the backup of (default: today, UTC)" },
    keep: {
      type: "string",
      value: "DAYS",
      help: "Keep this many daily backups and remove older ones (default 30)",
    },
    database: DATABASE_OPTION,
    lake: LAKE_OPTION,
    json: { type: "boolean", help: "Print the result as JSON" },
  },
  examples: [
    [
      "deno task backup --lake s3://my-bucket/spool",
      "Backs up the local system's database as the backup of today",
    ],
    ["deno task backup --keep 7 --json", "Keeps seven of them, and prints the result as JSON"],
  ],
}, async (given) => {
  const date = given.date === undefined ? today() : dateOf(given.date);
  const keep = wholeNumber(given.keep ?? "30", "--keep");
  const url = databaseUrl(given.database);
  const lake = lakeOf(given.lake);

  const { manifest, removed, leftovers, notes } = await createBackup({
    url,
    lake,
    date,
    keep,
    progress: createProgress({ quiet: given.json }),
  });
  const parts = partsOf(manifest);
  const rows = rowsOf(parts);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  if (given.json) {
    print(JSON.stringify({
      date,
      lake: lake.url,
      manifest: manifestKey(date),
      taken_at: manifest.taken_at,
      tables: manifest.tables.length,
      rows,
      parts: parts.length,
      bytes,
      removed,
      leftovers,
      notes,
    }));
    return;
  }
  for (const note of notes) complain(note);
  const count = (value: number) => value.toLocaleString("en-US");
  print(
    `Backed up ${count(rows)} rows of ${manifest.tables.length} tables as ${count(bytes)} bytes in ${
      count(parts.length)
    } parts: ${manifestKey(date)} in ${lake.url}`,
  );
  if (removed.length > 0) print(`Removed, as ${keep} newer ones are kept: ${removed.join(", ")}`);
});

if (import.meta.main) await run(backupTask);
