/** `deno task restore`: a backup back into an empty database. */

import type { Lake } from "../shared/lake/lake.ts";
import { checkBackup } from "./backup/check.ts";
import { BrokenBackupError, findBackup } from "./backup/find_backup.ts";
import { type Manifest, partsOf, rowsOf } from "./backup/manifest.ts";
import { restoreBackup } from "./backup/restore.ts";
import { complain, DATABASE_OPTION, databaseUrl, Exit, print, run, task, UsageError } from "./cli.ts";
import { LAKE_OPTION, lakeOf } from "./lake.ts";
import { createProgress, type Progress } from "./progress.ts";

const count = (value: number) => value.toLocaleString("en-US");

/** `--check`: says whether a backup is whole. */
async function check(lake: Lake, which: string, progress: Progress, json: boolean): Promise<Exit> {
  let faults: string[];
  let manifest: Manifest | undefined;
  try {
    manifest = await findBackup(lake, which);
    faults = await checkBackup(lake, manifest, progress);
  } catch (error) {
    if (!(error instanceof BrokenBackupError)) throw error;
    faults = [error.message];
  }
  if (json) print(JSON.stringify({ date: manifest?.date ?? which, taken_at: manifest?.taken_at, faults }));
  else if (manifest !== undefined && faults.length === 0) {
    const parts = partsOf(manifest);
    print(
      `The backup of ${manifest.date} is whole: ${count(rowsOf(parts))} rows in ${
        count(parts.length)
      } parts, as of ${manifest.taken_at}`,
    );
  } else for (const fault of faults) complain(fault);
  return faults.length === 0 ? Exit.done : Exit.dataFailed;
}

export const restoreTask = task({
  usage: "deno task restore [DATE|latest] [--database URL] [--lake URL] [--check] [--json]",
  summary:
    "Brings a backup of the lake back, the newest whole one unless DATE is given: all of it or, whatever happens, " +
    "nothing. The database must hold no readings. One without the schema gets that of the backup first, and is " +
    "brought up to date afterwards, so backups of earlier releases can be restored. Not in a backup: users (auth), " +
    "secrets such as the worker's key (vault), and what somebody has scheduled besides the migrations' jobs (cron).",
  options: {
    check: {
      type: "boolean",
      help: "Only read the backup back and say whether it is whole; needs no database",
    },
    database: DATABASE_OPTION,
    lake: LAKE_OPTION,
    json: { type: "boolean", help: "Print the result as JSON" },
  },
  positionals: [0, 1],
  examples: [
    ["deno task restore latest --check", "Reads the newest backup back and says whether it is whole"],
    [
      "deno task restore 2024-01-31 --database postgres://postgres:password@db.example.com:5432/postgres",
      "Brings the backup of a day back into a new database",
    ],
  ],
}, async (given, [which = "latest"]) => {
  if (which !== "latest" && !/^\d{4}-\d{2}-\d{2}$/.test(which)) {
    throw new UsageError(
      `Cannot restore as DATE must be latest or a date such as 2024-01-31: current value is ${which}`,
    );
  }
  const lake = lakeOf(given.lake);
  const progress = createProgress({ quiet: given.json });
  if (given.check) return await check(lake, which, progress, given.json);
  const manifest = await findBackup(lake, which);

  const { date, taken_at } = manifest;
  const { rows, migrated } = await restoreBackup({
    url: databaseUrl(given.database),
    lake,
    manifest,
    progress,
  });
  if (given.json) print(JSON.stringify({ date, taken_at, rows, migrated }));
  else {
    print(`Restored ${count(rows)} rows, as of ${taken_at}, from the backup of ${date}`);
    for (const name of migrated) print(`applied ${name}`);
  }
});

if (import.meta.main) await run(restoreTask);
