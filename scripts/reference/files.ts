/** The reference: what is in docs/reference, made of the code and of a database that was built from it. */

import { join } from "node:path";
import { allOpenapi } from "../../functions/catalog/all_openapi.ts";
import { connect } from "../../shared/database.ts";
import { environmentPage } from "./environment_page.ts";
import type { KnownTask } from "./all_tasks.ts";
import { htmlPage } from "./html_page.ts";
import { httpPage, jsonText } from "./http_page.ts";
import { problemsPage } from "./problems_page.ts";
import { sqlPage } from "./sql_page.ts";
import { tasksPage } from "./tasks_page.ts";

const ROOT = join(import.meta.dirname!, "..", "..");
const FOLDER = join(ROOT, "docs", "reference");

/** The texts by name of the file; the same for the same code. */
export async function referenceFiles(
  databaseUrl: string,
  tasks: readonly KnownTask[],
): Promise<Record<string, string>> {
  const document = allOpenapi();
  const sql = connect(databaseUrl, 1);
  try {
    return {
      "openapi.json": `${jsonText(document)}\n`,
      "http.md": httpPage(document),
      "index.html": htmlPage(document),
      "problems.md": problemsPage(),
      "sql.md": await sqlPage(sql),
      "tasks.md": tasksPage(tasks),
      "environment.md": environmentPage(await Deno.readTextFile(join(ROOT, ".env.example"))),
    };
  } finally {
    await sql.end();
  }
}

/** Names of files that are not as they would be written, and of those that nothing writes. */
export async function staleFiles(files: Readonly<Record<string, string>>): Promise<string[]> {
  const there = await Array.fromAsync(Deno.readDir(FOLDER), ({ name }) => name).catch(() => []);
  const stale = there.filter((name) => !Object.hasOwn(files, name));
  for (const [name, text] of Object.entries(files)) {
    const written = await Deno.readTextFile(join(FOLDER, name)).catch(() => undefined);
    if (written !== text) stale.push(name);
  }
  return stale.sort();
}

/** Writes them. */
export async function writeReference(files: Readonly<Record<string, string>>): Promise<void> {
  await Deno.mkdir(FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(join(FOLDER, name), text);
}

/** What is wrong with the files, if they are stale: a sentence that says what to do. */
export function referenceFault(stale: readonly string[]): string | undefined {
  if (stale.length === 0) return undefined;
  return `Cannot pass as docs/reference must say what the code does: run deno task docs. Stale: ${
    stale.join(", ")
  }`;
}
