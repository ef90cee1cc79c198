/** Computes calibration.json from NASA's train_FD001.txt, or says whether it is what the file gives. */

import { join } from "node:path";
import { CommandError, Exit, print, run, task } from "../cli.ts";
import { parseRows } from "../cmapss/rows.ts";
import { fit } from "./fit.ts";

const TABLE = join(import.meta.dirname!, "calibration.json");

/** Values of a list stand on one line: the table is read by people, too. */
function tableText(table: unknown): string {
  const text = JSON.stringify(table, null, 2);
  return text.replace(
    /[[{][^[\]{}]*[\]}]/g,
    (list) => JSON.stringify(JSON.parse(list)).replaceAll(",", ", "),
  ) +
    "\n";
}

const calibrateTask = task({
  usage: "deno run -A scripts/simulation/calibrate.ts train_FD001.txt [--check]",
  summary: "Computes the simulator's table of numbers from real engines.",
  options: { check: { type: "boolean", help: "Write nothing; 1 when the table is not what the file gives" } },
  positionals: [1, 1],
  examples: [[
    "deno run -A scripts/simulation/calibrate.ts ../shared/data/cmapss/train_FD001.txt --check",
    "Says whether the table is what the file gives",
  ]],
}, async ({ check }, [path]) => {
  let text: string;
  try {
    text = tableText(fit(parseRows(await Deno.readFile(path))));
  } catch (error) {
    throw new CommandError(`Cannot calibrate with ${path}`, { cause: error });
  }
  if (!check) {
    await Deno.writeTextFile(TABLE, text);
    print(`${TABLE}: written`);
    return;
  }
  if (await Deno.readTextFile(TABLE) === text) {
    print(`${TABLE}: is what ${path} gives`);
    return;
  }
  print(`${TABLE}: is not what ${path} gives; the same command without --check writes it`);
  return Exit.failed;
});

if (import.meta.main) await run(calibrateTask);
