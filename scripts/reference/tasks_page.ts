/** docs/reference/tasks.md: every task with its help. */

import { helpText } from "../cli.ts";
import type { KnownTask } from "./all_tasks.ts";
import { code, page } from "./markdown.ts";

/** Columns of the help on the page. */
const COLUMNS = 110;

export function tasksPage(tasks: readonly KnownTask[]): string {
  return page("Tasks", [
    "`deno task NAME --help` prints the same. Without Deno installed it is `npx -y deno@2.9.6 task NAME`.",
    "Results go to standard output, progress and complaints to standard error. On a terminal tables are as wide as " +
    "it is, and have colours unless `NO_COLOR` is set; in files and pipes they are whole. `deno task completions " +
    "bash` (or zsh, fish) prints what makes a shell complete all of this.",
    ...tasks.flatMap(({ name, description, task }) => [
      `## ${name}`,
      task === undefined ? description : code(helpText(task.command, COLUMNS), "text"),
    ]),
  ]);
}
