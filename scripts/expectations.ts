/** `deno task expectations`: lists the rules, and takes them to and from Great Expectations. */

import { readFile, writeFile } from "node:fs/promises";
import { connect } from "../shared/database.ts";
import {
  exportExpectationSuite,
  importExpectationSuite,
  type ImportResult,
  listExpectations,
  type Rule,
} from "../shared/expectations.ts";
import { CommandError, DATABASE_OPTION, databaseUrl, Exit, print, run, task, UsageError } from "./cli.ts";
import { table } from "./table.ts";

function importText({ dataset, imported, unchanged, deleted, skipped }: ImportResult): string {
  const lines = [
    `${dataset ?? "every engine"}: ${imported} imported, ${unchanged} unchanged, ${deleted} deleted, ` +
    `${skipped.length} skipped`,
  ];
  for (const { index, expectation_type, reason } of skipped) {
    lines.push(`Skipped ${index === null ? "" : `${index}, `}${expectation_type ?? "no type"}: ${reason}`);
  }
  return lines.join("\n");
}

function ruleRow(rule: Rule): (string | number | null)[] {
  const { id, dataset, subset, kind, column_name, condition, min, max, mostly, version, description } = rule;
  const verdict = rule.active ? rule.severity : "off";
  const intake = rule.at_intake === "reject" ? "reject" : "";
  return [
    id,
    dataset ?? "",
    subset ?? "",
    kind,
    column_name ?? "",
    condition ?? "",
    min ?? "",
    max ?? "",
    mostly,
    verdict,
    intake,
    version,
    description,
  ];
}

async function readSuiteFile(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new CommandError(`Cannot read ${file} as it must be a file that can be read`, { cause });
  });
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new CommandError(`Cannot import ${file} as it must be JSON, as expectations export writes it`, {
      cause,
    });
  }
  return text;
}

export const expectationsTask = task({
  usage:
    "deno task expectations list|export|import [FILE] [--dataset FD001] [--replace] [--database URL] [--json]",
  summary: "Lists the rules that the data is held against, writes those of one dataset as a suite of Great " +
    "Expectations, or reads such a suite. Edit single rules in the table expectations.",
  options: {
    dataset: {
      type: "string",
      value: "FD001",
      help:
        "list: only its rules; export: whose rules (default: those for every engine); import: whose they become",
    },
    replace: { type: "boolean", help: "import: delete the rules that the suite does not have" },
    database: DATABASE_OPTION,
    json: { type: "boolean", help: "list, import: print the result as JSON" },
  },
  positionals: [1, 2],
  actions: ["list", "export", "import"],
  examples: [
    ["deno task expectations list --dataset FD001", "The rules of one set of engines"],
    [
      "deno task expectations export suite.json",
      "Writes those for every engine as a suite of Great Expectations",
    ],
    [
      "deno task expectations import suite.json --replace",
      "Reads it back, and deletes the rules that it does not have",
    ],
  ],
}, async ({ dataset, replace, database, json }, [action, file]) => {
  if (action === "list" && file !== undefined) {
    throw new UsageError(
      "Cannot list to a file as FILE is for export and import: leave it out, or use export",
    );
  }
  if (action === "import" && file === undefined) {
    throw new UsageError(
      "Cannot import as there must be a FILE with the suite: deno task expectations import suite.json",
    );
  }
  if (action !== "import" && replace) {
    throw new UsageError("Cannot use --replace as it is for import: leave it out");
  }
  const suite = action === "import" ? await readSuiteFile(file) : "";

  const sql = connect(databaseUrl(database), 1);
  try {
    if (action === "import") {
      const result = await importExpectationSuite(sql, suite, { dataset, replace });
      print(json ? JSON.stringify(result) : importText(result));
      return result.skipped.length > 0 ? Exit.dataFailed : Exit.done;
    }
    if (action === "export") {
      const text = await exportExpectationSuite(sql, dataset ?? null);
      if (file === undefined) print(text);
      else await writeFile(file, `${text}\n`);
      return;
    }
    const rules = await listExpectations(sql, dataset);
    if (json) print(JSON.stringify({ expectations: rules }));
    else if (rules.length === 0) print("There are no rules.");
    else {
      const header = [
        "id",
        "dataset",
        "subset",
        "kind",
        "column",
        "condition",
        "min",
        "max",
        "mostly",
        "verdict",
        "intake",
        "version",
        "description",
      ];
      print(table(header, rules.map(ruleRow)));
    }
  } finally {
    await sql.end();
  }
});

if (import.meta.main) await run(expectationsTask);
