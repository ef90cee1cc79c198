/** `deno task docs`: writes docs/reference. */

import { CommandError, print, run, task } from "./cli.ts";
import { withBothDatabases } from "./database/next_migration.ts";
import { allTasks } from "./reference/all_tasks.ts";
import { referenceFault, referenceFiles, staleFiles, writeReference } from "./reference/files.ts";

export const docsTask = task({
  usage: "deno task docs [--check] [--json]",
  summary:
    "Writes docs/reference: endpoints, OpenAPI document, problems, tables and functions, tasks and environment, " +
    "from the code and from a database that is built from sql/ on a scratch Postgres.",
  options: {
    check: { type: "boolean", help: "Write nothing; exit 1 when a file is not what would be written" },
    json: { type: "boolean", help: "Print the names of the files that changed, or would, as JSON" },
  },
  examples: [
    ["deno task docs", "After a change of what a user can see"],
    ["deno task docs --check", "Says which files have to be written"],
  ],
}, async ({ check, json }): Promise<void> => {
  const tasks = await allTasks({ docs: docsTask });
  const files = await withBothDatabases(({ desired }) => referenceFiles(desired, tasks));
  const stale = await staleFiles(files);
  const fault = referenceFault(stale);
  if (check && fault !== undefined) throw new CommandError(fault);
  if (!check) await writeReference(files);
  if (json) print(JSON.stringify({ files: stale }));
  else print(stale.length === 0 ? "docs/reference says what the code does" : `wrote ${stale.join(", ")}`);
});

if (import.meta.main) await run(docsTask);
