/** Every task of deno.json, with its command. */

import { join } from "node:path";
import type { Task } from "../cli.ts";

const ROOT = join(import.meta.dirname!, "..", "..");

/** A task as `deno task` knows it. */
export interface KnownTask {
  readonly name: string;
  readonly description: string;
  /** None: what it runs has no help, as it hands its arguments on or has none. */
  readonly task: Task | undefined;
}

/** How the file of a command ends: importing any other would run it. */
const ENDS_AS_COMMAND = /\nif \(import\.meta\.main\) await run\((\w+)\);\n$/;

/**
 * All tasks, in the order of deno.json.
 *
 * @param running The command that asks: its file is still being loaded, and would be waited for without an end.
 */
export async function allTasks(running: Readonly<Record<string, Task>> = {}): Promise<KnownTask[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json"))) as {
    tasks: Record<string, { description: string; command: string }>;
  };
  const known: KnownTask[] = [];
  for (const [name, { description, command }] of Object.entries(tasks)) {
    const file = /^deno run [^&]* (scripts\/\w+\.ts)$/.exec(command)?.[1];
    const text = file === undefined ? "" : await Deno.readTextFile(join(ROOT, file));
    const exported = ENDS_AS_COMMAND.exec(text)?.[1];
    const task = running[name] ??
      (exported === undefined ? undefined : (await import(`../../${file}`))[exported] as Task);
    known.push({ name, description, task });
  }
  return known;
}
