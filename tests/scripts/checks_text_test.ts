import assert from "node:assert/strict";
import { checksText } from "../../scripts/checks_text.ts";
import type { Metric, RunResult } from "../../shared/checks.ts";

function result(...checks: Partial<Metric>[]): RunResult {
  return {
    run: {
      id: 1,
      window_start: "2024-01-01T00:00:00Z",
      as_of: "2024-01-31T00:30:12.5Z",
      started_at: "2024-01-31T00:30:12.5Z",
      finished_at: "2024-01-31T00:30:13Z",
      passed: 1,
      warned: 2,
      failed: 3,
      not_evaluated: 4,
      milliseconds: {},
    },
    checks: checks.map((check, i) => ({
      id: i + 1,
      run_id: 1,
      table_name: "sensor_data",
      metric_name: "volume",
      column_name: null,
      status: "pass",
      metric_value: 1,
      threshold_min: null,
      threshold_max: null,
      unit_number: null,
      rows_checked: 10,
      check_timestamp: "2024-01-31T00:30:12.5Z",
      evidence: {},
      ...check,
    })),
  };
}

/** The lines between the rule under the header and the count, with single spaces. */
function lines(...checks: Partial<Metric>[]): string[] {
  return checksText(result(...checks)).split("\n").slice(2, -2).map((line) => line.replaceAll(/ +/g, " "));
}

const fail = { status: "fail" } as const;

Deno.test("a check is a line with its verdict, value, bounds and rows, and a count follows", () => {
  assert.deepEqual(
    lines(
      { threshold_min: 0.5, threshold_max: 2, metric_value: 12345.678 },
      { threshold_min: 0.5 },
      { threshold_max: 0, metric_value: 1e-9, ...fail },
      { threshold_min: 1, threshold_max: 1, rows_checked: 1234 },
      {
        metric_value: null,
        status: "not_evaluated",
        rows_checked: 0,
        evidence: { reason: "nothing arrived" },
      },
    ),
    [
      "volume pass 12,350 0.5 to 2 10",
      "volume pass 1 at least 0.5 10",
      "volume fail 0.000000001 at most 0 10",
      "volume pass 1 1 1,234",
      "volume not evaluated – 0 nothing arrived",
    ],
  );
  assert.equal(
    checksText(result({})).split("\n").at(-1),
    "Checks of 2024-01-01 00:00 to 2024-01-31 00:30 UTC: 1 passed, 2 warned, 3 failed, 4 not evaluated.",
  );
});

Deno.test("a value is not rounded to the other side of its bound", () => {
  assert.deepEqual(
    lines(
      { ...fail, metric_value: 0.979996, threshold_min: 0.98 },
      { ...fail, metric_value: 0.123456, threshold_min: 0.98 },
      { ...fail, metric_value: 3.00001, threshold_max: 3 },
    ),
    [
      "volume fail 0.979996 at least 0.98 10",
      "volume fail 0.1235 at least 0.98 10",
      "volume fail 3.00001 at most 3 10",
    ],
  );
});

Deno.test("columns that keep all of a rule share a line; one that does not has its own", () => {
  const column = (name: string, broken: number, status: Metric["status"] = "pass") => ({
    metric_name: "range",
    column_name: name,
    status,
    evidence: { broken },
  });
  assert.deepEqual(
    lines(
      { ...column("s2", 0), rows_checked: 7 },
      column("s3", 2, "fail"),
      column("s4", 0),
      column("s7", 1),
      {
        ...column("s2", 0),
        metric_name: "nulls",
      },
    ),
    [
      "range pass 1 10 2 columns",
      "range s3 fail 1 10 2 values",
      "range s7 pass 1 10 1 values",
      "nulls s2 pass 1 10",
    ],
  );
});

Deno.test("evidence is told in a few words: counts, and the first keys with how many there are", () => {
  const engines = ["A", "B", "C", "D"].map((engine) => ({ engine, value: 0 }));
  const words = (evidence: Record<string, unknown>) =>
    lines({ evidence })[0].replace("volume pass 1 10", "").trim();
  assert.equal(words({ failing: engines, failing_count: 1234 }), "A, B, C, … (1,234)");
  assert.equal(words({ failing: engines.slice(0, 3), failing_count: 3 }), "A, B, C");
  assert.equal(words({ failing: engines }), "A, B, C, … (4)");
  // several readings of one engine, of which the list holds the first
  const readings = [engines[0], engines[1], engines[0]];
  assert.equal(words({ broken: 70, broken_engines: 2, failing: readings }), "70 values; A, B");
  assert.equal(words({ broken: 70, broken_engines: 9, failing: engines }), "70 values; A, B, C, … (9)");
  assert.equal(words({ failing: [], failing_count: 0, missed: 0, silent_engines: 0 }), "");
  assert.equal(
    words({ missed: 1200, silent_engines: 2, failing: engines.slice(0, 1) }),
    "1,200 readings missed; 2 engines silent; A",
  );
  assert.equal(
    words({ failing: [{ table: "engines", column: "model" }, { table: "x" }] }),
    "engines.model, x",
  );
});
