/** The last part of `deno task check`: generated files against what they are made of, on one scratch Postgres. */

import { complain, Exit, print } from "./cli.ts";
import { migrationFault, withBothDatabases } from "./database/next_migration.ts";
import { allTasks } from "./reference/all_tasks.ts";
import { referenceFault, referenceFiles, staleFiles } from "./reference/files.ts";

const faults = await withBothDatabases(async (databases) => {
  const files = await referenceFiles(databases.desired, await allTasks());
  return [await migrationFault(databases), referenceFault(await staleFiles(files))];
});
const found = faults.filter((fault) => fault !== undefined);
for (const fault of found) complain(fault);
if (found.length === 0) {
  print("supabase/migrations leads to sql/, and docs/reference says what the code does");
}
Deno.exit(found.length === 0 ? Exit.done : Exit.failed);
