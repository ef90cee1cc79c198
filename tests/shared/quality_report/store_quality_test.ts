/** Suites and reports in a lake: what is written, what is left alone, what is kept. */

import assert from "node:assert/strict";
import type postgres from "postgres";
import { taskHandlers } from "../../../functions/worker/handlers.ts";
import { exportExpectationSuite, importExpectationSuite } from "../../../shared/expectations.ts";
import { FileLake } from "../../../shared/lake/file_lake.ts";
import type { WrittenObject } from "../../../shared/lake/lake.ts";
import { verifyLake } from "../../../shared/lake/verify.ts";
import { qualityReportHtml } from "../../../shared/quality_report/html.ts";
import { QualityReport } from "../../../shared/quality_report/report.ts";
import { dayBefore, storeQuality } from "../../../shared/quality_report/store_quality.ts";
import { keyOf } from "../../../shared/quality_report/store_suites.ts";
import { testDatabase } from "../../support/database.ts";
import { badDay, DAY } from "./bad_day.ts";

/** A lake that notes what is written to it. */
class NotingLake extends FileLake {
  readonly written: string[] = [];
  override put(key: string, content: Uint8Array | string): Promise<WrittenObject> {
    this.written.push(key);
    return super.put(key, content);
  }
}

async function temporaryLake(): Promise<AsyncDisposable & { readonly lake: NotingLake }> {
  const path = await Deno.makeTempDir({ prefix: "spool-quality-" });
  return {
    lake: new NotingLake(path),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function readText(lake: FileLake, key: string): Promise<string> {
  return new TextDecoder().decode(await lake.read(key));
}

async function keys(lake: FileLake): Promise<string[]> {
  const found = [];
  for await (const { key } of lake.list("")) found.push(key);
  return found;
}

const SUITES = ["FD001", "FD002", "FD003", "FD004", "every_engine"].map((name) =>
  `quality/expectations/${name}.json`
);

/** A rule of a set of engines that the migrations do not know. */
async function addRule(sql: postgres.Sql, dataset: string): Promise<void> {
  await sql`
    insert into expectations (dataset, kind, column_name, min, max, description)
    values (${dataset}, 'range', 's2', 500, 700, 'Of a test.')`;
}

Deno.test("the worker writes yesterday's report as JSON and as a page, listed and with its lineage", async () => {
  await using db = await testDatabase();
  await using folder = await temporaryLake();
  const { lake } = folder;
  await badDay(db.sql);
  const task = {
    pipeline: "daily",
    task: "report",
    attempt: 1,
    logicalTime: new Date("2026-11-03T02:00:00Z"), // its day is over
  };
  const never = new AbortController().signal;
  const result = await taskHandlers(db.sql, { channels: {}, lake, lineage: undefined }).report(task, never);
  assert.deepEqual(result, {
    suites: { written: 5, unchanged: 0, removed: 0 },
    reports: [{ day: DAY, status: "fail", written: true }],
  });
  assert.deepEqual(await keys(lake), [
    ...SUITES,
    `quality/reports/${DAY}.html`,
    `quality/reports/${DAY}.json`,
  ]);
  const report = QualityReport.parse(JSON.parse(await readText(lake, `quality/reports/${DAY}.json`)));
  assert.equal(report.verdict.status, "fail");
  // the page is made of the document alone
  assert.equal(await readText(lake, `quality/reports/${DAY}.html`), qualityReportHtml(report));

  const listed = await db.sql`
    select key, kind, day::text, written_by from lake_objects where kind = 'report' order by key`;
  assert.deepEqual(listed.map(({ key, day }) => [key, day]), [
    [`quality/reports/${DAY}.html`, DAY],
    [`quality/reports/${DAY}.json`, DAY],
  ]);
  const counts = await verifyLake(db.sql, lake);
  assert.deepEqual([counts.verified, counts.faulty], [7, 0]);
  const events = await db.sql`
    select event_type, job_name, outputs from lineage_events where run_id = ${
    listed[0].written_by
  } order by id`;
  assert.deepEqual(events.map(({ event_type, job_name }) => [event_type, job_name]), [
    ["START", "report"],
    ["COMPLETE", "report"],
  ]);
  assert.deepEqual(events[1].outputs.map(({ name }: { name: string }) => name).toSorted(), await keys(lake));

  // again, as after a death before the end was recorded: the same bytes, and no suite
  const before = await readText(lake, `quality/reports/${DAY}.json`);
  lake.written.length = 0;
  await taskHandlers(db.sql, { channels: {}, lake, lineage: undefined }).report(
    { ...task, attempt: 2 },
    never,
  );
  assert.deepEqual(lake.written, [`quality/reports/${DAY}.html`, `quality/reports/${DAY}.json`]);
  assert.equal(await readText(lake, `quality/reports/${DAY}.json`), before);

  assert.deepEqual(
    await taskHandlers(db.sql, { channels: {}, lake: undefined, lineage: undefined }).report(task, never),
    { lake: "not configured" },
  );
});

Deno.test("a suite is written again when a rule of it has changed or it is gone, and goes with its last rule", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await using folder = await temporaryLake();
  const { lake } = folder;
  await addRule(sql, "FD070");
  await storeQuality(sql, lake, []);
  assert.deepEqual(await keys(lake), [...SUITES.slice(0, 4), "quality/expectations/FD070.json", SUITES[4]]);
  const changes = async () => {
    lake.written.length = 0;
    const { suites } = await storeQuality(sql, lake, []);
    return [suites.written, suites.unchanged, suites.removed, ...lake.written];
  };
  assert.deepEqual(await changes(), [0, 6, 0]);
  await sql`update expectations set max = 701 where dataset = 'FD070'`;
  assert.deepEqual(await changes(), [1, 5, 0, "quality/expectations/FD070.json"]);
  await lake.remove(SUITES[0]);
  assert.deepEqual(await changes(), [1, 5, 0, SUITES[0]]);

  // what Great Expectations is given brings the rules back
  const text = await readText(lake, "quality/expectations/FD070.json");
  const before = await exportExpectationSuite(sql, "FD070");
  await sql`delete from expectations where dataset = 'FD070'`;
  assert.deepEqual(await changes(), [0, 5, 1]);
  assert.deepEqual(await keys(lake), SUITES);
  assert.equal((await sql`select from lake_objects where key = 'quality/expectations/FD070.json'`).length, 0);
  await importExpectationSuite(sql, text);
  assert.equal(await exportExpectationSuite(sql, "FD070"), before);
});

Deno.test("whatever a set of engines is called, its suite has a key of its own within the lake", async () => {
  await using db = await testDatabase();
  await using folder = await temporaryLake();
  const names = ["../../escape", "..", ".hidden", "a/b", "every_engine", "every%5Fengine", "a%2Fb", "ß\\\n"];
  for (const name of names) await addRule(db.sql, name);
  await storeQuality(db.sql, folder.lake, []);
  const found = await keys(folder.lake);
  assert.equal(found.length, 5 + names.length);
  assert.equal(new Set([null, ...names].map(keyOf)).size, names.length + 1);
  assert.ok(found.every((key) => key.startsWith("quality/expectations/") && key.split("/").length === 3));
});

Deno.test("a report whose verdicts have been pruned is kept; one without verdicts from the start is made again", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await using folder = await temporaryLake();
  const { lake } = folder;
  await sql`
    insert into check_runs (window_start, as_of, finished_at) values ('2024-01-01Z', '2024-01-02Z', '2024-01-02Z')`;
  const days = ["2024-01-01", "2024-01-02"];
  const reports = async () => (await storeQuality(sql, lake, days)).reports.map(({ written }) => written);
  assert.deepEqual(await reports(), [true, true]);
  const before = await readText(lake, "quality/reports/2024-01-01.json");
  await sql`delete from check_runs`;
  assert.deepEqual(await reports(), [false, true]);
  assert.equal(await readText(lake, "quality/reports/2024-01-01.json"), before);
  await lake.put("quality/reports/2024-01-01.json", "{");
  assert.deepEqual(await reports(), [true, true]);
});

Deno.test("a lake that fails is an error in the lineage, and the next run makes up for it", async () => {
  await using db = await testDatabase();
  await using folder = await temporaryLake();
  const { lake } = folder;
  class FailingLake extends FileLake {
    override put(key: string, content: Uint8Array | string): Promise<WrittenObject> {
      if (key.endsWith("2024-01-01.json")) throw new Error("the disk is full");
      return super.put(key, content);
    }
  }
  const failing = new FailingLake(new URL(lake.url).pathname);
  await assert.rejects(storeQuality(db.sql, failing, ["2024-01-01"]), /the disk is full/);
  const events = await db.sql`
    select event_type, run_facets -> 'errorMessage' ->> 'message' as message from lineage_events order by id`;
  assert.deepEqual(events.map(({ event_type, message }) => [event_type, message]), [
    ["START", null],
    ["FAIL", "the disk is full"],
  ]);
  const { suites, reports } = await storeQuality(db.sql, lake, ["2024-01-01"]);
  assert.deepEqual([suites.written, suites.unchanged, reports.length], [0, 5, 1]);
  assert.ok((await keys(lake)).includes("quality/reports/2024-01-01.json"));
});

Deno.test("yesterday is the UTC day before, at whatever time of whatever day", () => {
  assert.equal(dayBefore(new Date("2024-03-01T00:00:00Z")), "2024-02-29");
  assert.equal(dayBefore(new Date("2024-01-01T23:59:59.999Z")), "2023-12-31");
});
