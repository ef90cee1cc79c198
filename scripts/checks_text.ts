/** What a run of the checks has found, for people. */

import type { Metric, RunResult } from "../shared/checks.ts";
import { thresholdText, valueText } from "../shared/verdict_text.ts";
import { table, VERDICT_PAINT } from "./table.ts";

/** Keys of what failed that a line names; the evidence in data_quality_metrics has more of them. */
const MOST_KEYS = 3;

/** What a key of the evidence is called: an engine, a column of a table, or whatever it has. */
function keyName(key: unknown): string {
  if (typeof key !== "object" || key === null) return String(key);
  if ("engine" in key) return String(key.engine);
  if ("table" in key) return "column" in key ? `${key.table}.${key.column}` : String(key.table);
  return Object.values(key).join(" ");
}

/** Numbers of the evidence that say something by themselves when they are not 0. */
const COUNTS: Readonly<Record<string, string>> = {
  broken: "values",
  missed: "readings missed",
  silent_engines: "engines silent",
  rejected: "readings rejected",
};

function evidenceWords({ evidence }: Metric): string {
  const words: string[] = [];
  if (typeof evidence.reason === "string") words.push(evidence.reason);
  for (const [name, meaning] of Object.entries(COUNTS)) {
    const count = evidence[name];
    if (typeof count === "number" && count > 0) words.push(`${count.toLocaleString("en-US")} ${meaning}`);
  }
  if (Array.isArray(evidence.failing) && evidence.failing.length > 0) {
    // the list ends somewhere; how many there are is beside it
    const names = [...new Set(evidence.failing.map(keyName))];
    const count = [evidence.failing_count, evidence.broken_engines].find((count) =>
      typeof count === "number"
    ) ??
      names.length;
    const more = count > MOST_KEYS ? `, … (${count.toLocaleString("en-US")})` : "";
    words.push(names.slice(0, MOST_KEYS).join(", ") + more);
  }
  return words.join("; ");
}

type Row = (string | number | null)[];

function checkRow(metric: Metric): Row {
  const { metric_name, column_name, status, rows_checked } = metric;
  return [
    column_name === null ? metric_name : `${metric_name} ${column_name}`,
    status.replace("_", " "),
    valueText(metric),
    thresholdText(metric),
    rows_checked,
    evidenceWords(metric),
  ];
}

/** Columns that keep all of a rule share a line, or they would hide the one that does not. */
function rows(checks: readonly Metric[]): Row[] {
  const isQuiet = ({ column_name, status, evidence }: Metric) =>
    column_name !== null && status === "pass" && evidence.broken === 0;
  return checks.flatMap((check) => {
    if (!isQuiet(check)) return [checkRow(check)];
    const quiet = checks.filter((other) => isQuiet(other) && other.metric_name === check.metric_name);
    if (check !== quiet[0]) return [];
    if (quiet.length === 1) return [checkRow(check)];
    const most = Math.max(...quiet.map(({ rows_checked }) => rows_checked ?? 0));
    return [[
      check.metric_name,
      "pass",
      valueText(check),
      thresholdText(check),
      most,
      `${quiet.length} columns`,
    ]];
  });
}

/**
 * The verdicts as a table, and how many there are of each.
 *
 * @param result What `runChecks` returned.
 */
export function checksText({ run, checks }: RunResult): string {
  const { passed, warned, failed, not_evaluated, window_start, as_of } = run;
  const time = (text: string) => text.slice(0, 16).replace("T", " ");
  return [
    table(["check", "verdict", "value", "expected", "rows", "evidence"], rows(checks), {
      paint: { verdict: VERDICT_PAINT },
    }),
    `Checks of ${time(window_start)} to ${
      time(as_of)
    } UTC: ${passed} passed, ${warned} warned, ${failed} failed, ` +
    `${not_evaluated} not evaluated.`,
  ].join("\n\n");
}
