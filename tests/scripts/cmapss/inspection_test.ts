import assert from "node:assert/strict";
import { readSuite, type Suite } from "../../../scripts/cmapss/expectations.ts";
import { inspect } from "../../../scripts/cmapss/inspection.ts";
import { parseRows } from "../../../scripts/cmapss/rows.ts";
import { testDatabase } from "../../support/database.ts";
import { formatLine, lines, seaLevelRow, sixConditionsRow, text, withLines, withPlace } from "./synthetic.ts";

const TRAIN = { kind: "train", set: "FD001" } as const;

/** The rules that every installation begins with. */
const suites = new Map<string, Suite>();
Deno.test.beforeAll(async () => {
  await using db = await testDatabase();
  for (const set of ["FD001", "FD002", "FD004", "FD009"]) {
    suites.set(set, await readSuite(db.sql, { kind: "train", set }));
  }
});

/** What is not a pass, apart from the counts that only whole published files have. */
function findings(
  fileLines: readonly string[],
  name: { kind: "train"; set: string } = TRAIN,
  suite = suites.get(name.set)!,
) {
  const pieces = parseRows(new TextEncoder().encode(text(fileLines)));
  const inspection = inspect(name, pieces, undefined, suite);
  const failed = inspection.report.checks
    .filter(({ check, status }) => status !== "pass" && !/_count$|^rul/.test(check))
    .map(({ check, column, status, value, lines }) => [column ?? check, status, value, [...lines]]);
  const reasons = inspection.faults.flatMap((piece) => [...piece.values()].map(({ reason }) => reason));
  return { failed, reasons, report: inspection.report, lastCycles: inspection.lastCycles };
}

const GOOD = lines([5, 4]);
const row = (unit: number, cycle: number) => formatLine(seaLevelRow(unit, cycle));

Deno.test("a good file passes every check", () => {
  const { failed, reasons, report, lastCycles } = findings(GOOD);
  assert.deepEqual([failed, reasons], [[], []]);
  assert.deepEqual([report.rows, report.units, report.bad_rows], [9, 2, 0]);
  assert.deepEqual([...lastCycles], [[1, 5], [2, 4]]);
});

Deno.test("all six operating conditions pass in FD002, and not in FD001", () => {
  const file = lines([12], sixConditionsRow);
  assert.deepEqual(findings(file, { kind: "train", set: "FD002" }).failed, []);
  assert.ok(findings(file).failed.some(([column]) => column === "s7"));
});

Deno.test("a value out of its range blames its row alone, at both ends", () => {
  const low = findings(withLines(GOOD, { 2: withPlace(GOOD[1], 15, "45.9") }));
  assert.deepEqual(low.failed, [["s11", "fail", 1, [2]]]);
  assert.deepEqual(low.reasons, [
    "Cannot accept s11 as it must be between 46 and 49.5 in FD001: current value is 45.9",
  ]);
  assert.deepEqual(findings(withLines(GOOD, { 2: withPlace(GOOD[1], 15, "46") })).failed, []);
  assert.deepEqual(findings(withLines(GOOD, { 2: withPlace(GOOD[1], 15, "49.5") })).failed, []);
  assert.equal(findings(withLines(GOOD, { 2: withPlace(GOOD[1], 15, "49.6") })).failed.length, 1);
});

Deno.test("what was measured is in the result", () => {
  const { report } = findings(withLines(GOOD, { 2: withPlace(GOOD[1], 15, "99") }));
  assert.deepEqual(report.checks.find(({ column }) => column === "s11"), {
    check: "range",
    column: "s11",
    status: "fail",
    expected: "46 to 49.5",
    value: 1,
    threshold_min: null,
    threshold_max: 0,
    observed_min: 47.2,
    observed_max: 99,
    rows: 9,
    lines: [2],
  });
});

Deno.test("a missing value is found in a kept column, and does not matter in a dropped one", () => {
  const { failed, reasons } = findings(
    withLines(GOOD, {
      3: withPlace(withPlace(GOOD[2], 6, "NaN"), 15, "NaN"),
      4: withPlace(GOOD[3], 5, "NaN"),
    }),
  );
  assert.deepEqual(failed, [["nulls", "fail", 1, [3]]]);
  assert.deepEqual(reasons, ["Cannot accept s2, s11 as it must have a value: current value is missing"]);
});

Deno.test("a row with several faults has one entry with all of them", () => {
  const { reasons, report } = findings(
    withLines(GOOD, { 3: withPlace(withPlace(GOOD[2], 6, "1"), 7, "2") }),
  );
  assert.equal(report.bad_rows, 1);
  assert.match(reasons[0], /^Cannot accept s2 .* is 1; Cannot accept s3 .* is 2$/);
});

Deno.test("a gap in the cycles costs one row", () => {
  const { failed, reasons, lastCycles } = findings(GOOD.toSpliced(2, 1));
  assert.deepEqual(failed, [["cycles", "fail", 1, [3]]]);
  assert.deepEqual(reasons, ["Cannot accept cycle as it must be 3, the next of unit 1: current value is 4"]);
  assert.deepEqual([...lastCycles], [[1, 5], [2, 4]]);
});

Deno.test("a wrong cycle in between costs one row, and does not become the life of the engine", () => {
  const { failed, lastCycles } = findings(withLines(GOOD, { 3: row(1, 900) }));
  assert.deepEqual(failed, [["cycles", "fail", 1, [3]]]);
  assert.deepEqual([...lastCycles], [[1, 5], [2, 4]]);
});

Deno.test("each gap costs a row of its own", () => {
  const { failed } = findings([1, 2, 4, 5, 7, 8].map((cycle) => row(1, cycle)));
  assert.deepEqual(failed, [["cycles", "fail", 2, [3, 5]]]);
});

Deno.test("cycles that begin at 0 fail with the first row", () => {
  const { failed } = findings([row(1, 0), row(1, 1), row(1, 2)]);
  assert.deepEqual(failed, [["cycles", "fail", 1, [1]]]);
  const negative = findings([row(1, -1), row(1, 0), row(1, 1), row(1, 2)]);
  assert.deepEqual(negative.failed, [["cycles", "fail", 2, [1, 2]]]);
});

Deno.test("rows in reverse order fail", () => {
  const { report } = findings(lines([5]).reverse());
  assert.equal(report.status, "fail");
});

Deno.test("the same cycle of a unit twice is a duplicate, not a break in the order", () => {
  const { failed, reasons } = findings(GOOD.toSpliced(3, 0, GOOD[2]));
  assert.deepEqual(failed, [["duplicates", "fail", 1, [4]]]);
  assert.deepEqual(reasons, ["Cannot accept cycle as unit 1 must have it once: current value is 3"]);
});

Deno.test("units that take turns are in order", () => {
  assert.deepEqual(findings([row(1, 1), row(2, 1), row(1, 2), row(2, 2)]).failed, []);
});

Deno.test("a line that cannot be read stands for its row: the next one is not blamed", () => {
  const short = GOOD[2].trim().split(" ").slice(0, 25).join(" ");
  assert.deepEqual(findings(withLines(GOOD, { 3: short })).failed, [["columns", "fail", 1, [3]]]);
  const unplaced = withPlace(GOOD[2], 0, "x");
  assert.deepEqual(findings(withLines(GOOD, { 3: unplaced })).failed, [["types", "fail", 1, [3]]]);
  // an engine's last line still counts for its life
  const last = GOOD[4].trim().split(" ").slice(0, 25).join(" ");
  assert.equal(findings(withLines(GOOD, { 5: last })).lastCycles.get(1), 5);
});

Deno.test("a unit number that is left out fails, and costs no row", () => {
  const { failed, reasons } = findings([row(1, 1), row(3, 1), row(7, 1)]);
  assert.deepEqual(failed, [["units", "fail", 4, [2, 3]]]);
  assert.deepEqual(reasons, []);
});

Deno.test("other counts than the published ones are a warning, and none where nothing is published", () => {
  const counts = (set: string) =>
    findings(GOOD, { kind: "train", set }).report.checks.filter(({ check }) => /_count$/.test(check))
      .map(({ check, status, value, threshold_min }) => [check, status, value, threshold_min]);
  assert.deepEqual(counts("FD001"), [["row_count", "warning", 9, 20631], ["unit_count", "warning", 2, 100]]);
  assert.deepEqual(counts("FD004"), [["row_count", "warning", 9, 61249], ["unit_count", "warning", 2, 249]]);
  assert.deepEqual(counts("FD009"), []);
});

Deno.test("an empty file fails, and what cannot be looked at is not evaluated", () => {
  const { report } = findings([]);
  assert.equal(report.status, "fail");
  const statuses = new Map(report.checks.map(({ check, status }) => [check, status]));
  assert.equal(statuses.get("not_empty"), "fail");
  for (
    const check of ["text", "columns", "types", "nulls", "range", "cycles", "duplicates", "units"] as const
  ) {
    assert.equal(statuses.get(check), "not_evaluated", check);
  }
});

/** The rules of a set with some of them changed. */
function changed(
  set: string,
  isMeant: (expectation: Suite["expectations"][number]) => boolean,
  change: Partial<Suite["expectations"][number]>,
): Suite {
  const suite = suites.get(set)!;
  const expectations = suite.expectations.map((each) => isMeant(each) ? { ...each, ...change } : each);
  assert.notDeepEqual(expectations, suite.expectations);
  return { ...suite, expectations };
}

Deno.test("a value is held against the range of its row's operating condition", () => {
  const FD002 = { kind: "train", set: "FD002" } as const;
  const file = lines([12], sixConditionsRow);
  // row 1 flies in condition 3, whose s11 is about 44; in condition 1 it is about 47
  const { failed, reasons } = findings(withLines(file, { 1: withPlace(file[0], 15, "47.5") }), FD002);
  assert.deepEqual(failed, [["s11", "fail", 1, [1]]]);
  assert.deepEqual(reasons, [
    "Cannot accept s11 as it must be between 42.8 and 46 in condition 3 of FD002: current value is 47.5",
  ]);
  // in none of the conditions it is held against the range over all of them
  const elsewhere = (s11: string) => withLines(file, { 1: withPlace(withPlace(file[0], 2, "15"), 15, s11) });
  assert.deepEqual(findings(elsewhere("47.5"), FD002).failed, []);
  assert.deepEqual(findings(elsewhere("50.5"), FD002).reasons, [
    "Cannot accept s11 as it must be between 33 and 50 in FD002: current value is 50.5",
  ]);
  const s11 = findings(file, FD002).report.checks.filter(({ column }) => column === "s11");
  assert.deepEqual(s11.map(({ expected, rows }) => [expected, rows]), [
    ["46 to 49.5 in condition 1", 2],
    ["44 to 47 in condition 2", 2],
    ["42.8 to 46 in condition 3", 2],
    ["35.5 to 38.1 in condition 4", 2],
    ["40.5 to 43.3 in condition 5", 2],
    ["40.6 to 43.7 in condition 6", 2],
  ]);
});

Deno.test("a rule that most rows keep passes with the others, which are not to blame", () => {
  const file = lines([10]);
  const bad = withLines(file, { 2: withPlace(file[1], 15, "99") });
  const suite = (mostly: number) =>
    changed("FD001", ({ check, columns }) => check === "range" && columns[0] === "s11", { mostly });
  const kept = findings(bad, TRAIN, suite(0.9));
  assert.deepEqual([kept.failed, kept.reasons, kept.report.bad_rows], [[], [], 0]);
  const check = kept.report.checks.find(({ column }) => column === "s11")!;
  assert.deepEqual(
    [check.value, check.threshold_max, check.expected],
    [1, 1, "46 to 49.5, in at least 90 % of the rows"],
  );
  assert.deepEqual(findings(bad, TRAIN, suite(0.91)).failed, [["s11", "fail", 1, [2]]]);

  // of missing values each column is a matter of its own
  const nulls = withLines(file, { 2: withPlace(file[1], 6, "NaN"), 3: withPlace(file[2], 7, "NaN") });
  const someNulls = changed("FD001", ({ check }) => check === "nulls", { mostly: 0.9 });
  assert.deepEqual(findings(nulls, TRAIN, someNulls).failed, []);
  const both = withLines(nulls, { 4: withPlace(file[3], 6, "NaN") });
  assert.deepEqual(findings(both, TRAIN, someNulls).failed, [["nulls", "fail", 3, [2, 3, 4]]]);
});

Deno.test("a rule that only warns blames no row, and one that is not there is not checked", () => {
  const bad = withLines(GOOD, { 2: withPlace(GOOD[1], 15, "99") });
  const isS11 = ({ check, columns }: Suite["expectations"][number]) =>
    check === "range" && columns[0] === "s11";
  const warned = findings(bad, TRAIN, changed("FD001", isS11, { severity: "warning" }));
  assert.deepEqual([warned.failed, warned.reasons], [[["s11", "warning", 1, [2]]], []]);
  const { expectations, ...rest } = suites.get("FD001")!;
  const without = { ...rest, expectations: expectations.filter((each) => !isS11(each)) };
  const { failed, report } = findings(bad, TRAIN, without);
  assert.deepEqual([failed, report.checks.some(({ column }) => column === "s11")], [[], false]);
});

Deno.test("a line that is not a row is to blame whatever the rules say", () => {
  const short = withLines(GOOD, { 3: GOOD[2].trim().split(" ").slice(0, 25).join(" ") });
  const suite = changed("FD001", ({ check }) => check === "columns", { severity: "warning" });
  const { failed, report } = findings(short, TRAIN, suite);
  assert.deepEqual([failed, report.bad_rows], [[["columns", "warning", 1, [3]]], 1]);
});

Deno.test("at most five lines are named", () => {
  const { failed } = findings(lines([9]).map((line) => withPlace(line, 15, "1")));
  assert.deepEqual(failed, [["s11", "fail", 9, [1, 2, 3, 4, 5]]]);
});
