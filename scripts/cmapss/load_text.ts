/** What the loader has found and done, for people. */

import { table } from "../table.ts";
import type { CheckResult, FileReport } from "./inspection.ts";
import type { FileSummary, LoadResult } from "./load.ts";

type Row = (string | number | null)[];

const HEADER = ["file", "check", "expected", "found", "rows", "lines", "status"];

function found({ value, observed_min, observed_max }: CheckResult): string {
  if (value === null) return "–";
  const span = observed_min === null ? "" : ` outside; ${observed_min} to ${observed_max}`;
  return value.toLocaleString("en-US") + span;
}

function checkRow(file: string, result: CheckResult): Row {
  const { check, column, expected, rows, lines, value, status } = result;
  const examples = lines.join(", ") + (lines.length > 0 && value! > lines.length ? ", …" : "");
  return [
    file,
    column === null ? check : `${check} ${column}`,
    expected,
    found(result),
    rows,
    examples,
    status.replace("_", " "),
  ];
}

/** Columns whose ranges all passed share a line, or seventeen of them would hide the one that did not. */
function reportRows({ file, checks }: FileReport): Row[] {
  const ranges = checks.filter(({ check }) => check === "range");
  const loud = new Set(ranges.filter(({ status }) => status !== "pass").map(({ column }) => column));
  const quiet = ranges.filter(({ column }) => !loud.has(column));
  const columns = new Set(quiet.map(({ column }) => column));
  const rows: Row[] = [];
  for (const result of checks) {
    if (!quiet.includes(result)) {
      if (result.check !== "range" || result.status !== "pass") rows.push(checkRow(file, result));
    } else if (result === quiet[0]) {
      rows.push([
        file,
        "range",
        `${columns.size} columns within their ranges`,
        "0 outside",
        quiet.filter(({ column }) => column === result.column).reduce((sum, { rows }) => sum + rows, 0),
        "",
        "pass",
      ]);
    }
  }
  return rows;
}

function summaryRow(summary: FileSummary): Row {
  const { file, engines, received, accepted, duplicates, rejected, seconds, rows_per_second } = summary;
  return [file, engines, received, accepted, duplicates, rejected, seconds, rows_per_second];
}

/**
 * The report and, where something was loaded, the summary: two tables and what to know about them.
 *
 * @param result What `loadCmapss` returned.
 */
export function loadText({ loaded, report, summary }: LoadResult): string {
  const parts = [table(HEADER, report.flatMap(reportRows))];
  const warnings = report.flatMap(({ file, checks }) =>
    checks.filter(({ check, status }) => check === "rul_file" && status === "warning")
      .map(({ expected }) => `${file}: without ${expected}, its engines have no remaining-life labels.`)
  );
  if (warnings.length > 0) parts.push(warnings.join("\n"));
  if (loaded) {
    const header = ["file", "engines", "received", "accepted", "duplicates", "rejected", "seconds", "rows/s"];
    parts.push(table(header, summary.map(summaryRow)));
  } else {
    const bad = report.reduce((sum, file) => sum + file.bad_rows, 0);
    parts.push(
      "Nothing was loaded, as checks failed. --allow-failures loads it all the same" +
        (bad > 0 ? ` and keeps ${bad.toLocaleString("en-US")} bad rows as dead letters.` : "."),
    );
  }
  return parts.join("\n\n");
}
