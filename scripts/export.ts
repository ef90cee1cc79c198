/** `deno task export`: from the database into the lake. */

import { connect } from "../shared/database.ts";
import { DATABASE_OPTION, databaseUrl, Exit, type Option, print, run, task, UsageError } from "./cli.ts";
import { archive } from "./export/archive.ts";
import type { ExportContext, ExportPart, ExportResult } from "./export/part.ts";
import { quality } from "./export/quality.ts";
import { split } from "./export/split.ts";
import { LAKE_OPTION, lakeOf } from "./lake.ts";
import { createProgress } from "./progress.ts";

/** The parts by name, in the order in which all of them run. A new one is one line here. */
const PARTS = { archive, quality, split };

type Part = ExportPart<Record<string, Option>>;

/** Options of the parts themselves; their names do not overlap. */
const PART_OPTIONS = { ...archive.options, ...quality.options, ...split.options };

/** A UTC day as it was given. */
function dayOption(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)) return text;
  throw new UsageError(
    `Cannot read --${name} as it must be a day such as 2024-01-01: current value is ${text}`,
  );
}

/** The names of the parts that are to run: the one that was given, or all. */
function chosen(name: string | undefined): (keyof typeof PARTS)[] {
  if (name === undefined) return Object.keys(PARTS) as (keyof typeof PARTS)[];
  return [name as keyof typeof PARTS]; // one of the actions
}

export const exportTask = task({
  usage: `deno task export [${
    Object.keys(PARTS).join("|")
  }] [--lake URL] [--from DAY] [--to DAY] [--force] [--json]`,
  summary: `Exports into the lake: ${
    Object.entries(PARTS).map(([name, { summary }]) => `${name}: ${summary}`).join("; ")
  }. Without a name, all of them. Running it again is harmless.`,
  options: {
    from: { type: "string", value: "DAY", help: "First UTC day, such as 2024-01-01" },
    to: { type: "string", value: "DAY", help: "Last UTC day" },
    force: { type: "boolean", help: "Write again what is in the lake already" },
    ...PART_OPTIONS,
    lake: LAKE_OPTION,
    database: DATABASE_OPTION,
    json: { type: "boolean", help: "Print the result as one JSON document" },
  },
  positionals: [0, 1],
  actions: Object.keys(PARTS),
  examples: [
    ["deno task export archive --lake file:///tmp/lake", "Days that are over, as Parquet"],
    ["deno task export split --dataset FD001", "Training and test data for a model of your own"],
  ],
}, async (given, [name]) => {
  const names = chosen(name);
  const from = dayOption(given.from, "from");
  const to = dayOption(given.to, "to");
  if (from !== undefined && to !== undefined && from > to) {
    throw new UsageError(
      `Cannot export as --from must not be after --to: current values are ${from} and ${to}`,
    );
  }
  for (const name of names) (PARTS[name] as Part).check?.(given);
  const url = databaseUrl(given.database);
  const lake = lakeOf(given.lake);
  const sql = connect(url, 2);
  try {
    const context: ExportContext = {
      url,
      sql,
      lake,
      from,
      to,
      force: given.force,
      progress: createProgress({ quiet: given.json }),
    };
    const results: Record<string, ExportResult> = {};
    for (const name of names) results[name] = await PARTS[name].run(context, given);
    print(
      given.json
        ? JSON.stringify({
          lake: lake.url,
          ...Object.fromEntries(names.map((name) => [name, results[name].json])),
        })
        : names.map((name) => results[name].text).join("\n\n"),
    );
    return names.map((name) => results[name].exit).find((exit) => exit !== undefined) ?? Exit.done;
  } finally {
    await sql.end({ timeout: 5 });
  }
});

if (import.meta.main) await run(exportTask);
