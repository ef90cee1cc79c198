/** The loader as a whole, on a real Postgres: functions, and the command as people run it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import type postgres from "postgres";
import { TimesDifferError } from "../../scripts/cmapss/engines.ts";
import { NoExpectationsError } from "../../scripts/cmapss/expectations.ts";
import {
  DEFAULT_TIMELINE,
  loadCmapss,
  type LoadOptions,
  OutsideWindowError,
} from "../../scripts/cmapss/load.ts";
import { openSource } from "../../scripts/cmapss/source.ts";
import { SourceError } from "../../scripts/cmapss/source_file.ts";
import { silent } from "../../scripts/progress.ts";
import { type DeadLetter, listDeadLetters, replayDeadLetters } from "../../shared/dead_letters.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import { testDatabase } from "../support/database.ts";
import { RunEvent } from "../support/openlineage.ts";
import { folderWith, lines, sixConditionsRow, text, withLines, withPlace } from "./cmapss/synthetic.ts";

const ROOT = join(import.meta.dirname!, "../..");

/** NASA's FD001. Nothing of it is committed, so a clone may be without; where the project is checked it is not. */
const REAL = join(ROOT, "../shared/data/cmapss");
const ignore = process.env.CI === undefined && !await Deno.stat(REAL).then(() => true, () => false);

const DEFAULTS: LoadOptions = { timeline: DEFAULT_TIMELINE, maxRul: 125, allowFailures: false };

async function load(sql: postgres.Sql, path: string, options: Partial<LoadOptions> = {}) {
  await using source = await openSource([path]);
  return await loadCmapss(sql, source, { ...DEFAULTS, ...options }, silent);
}

async function count(sql: postgres.Sql, table: string): Promise<number> {
  const [row] = await sql.unsafe<{ count: number }[]>(`select count(*)::int from ${table}`);
  return row.count;
}

/** Nothing at all is in the database. */
async function assertEmpty(sql: postgres.Sql): Promise<void> {
  for (const table of ["engines", "sensor_data", "batches", "dead_letters"]) {
    assert.equal(await count(sql, table), 0, table);
  }
}

/** The sums of the kept columns of a file, as Postgres keeps them, by another way than the loader's. */
async function fileSums(path: string): Promise<number[]> {
  const places = [2, 3, 4, 6, 7, 8, 11, 12, 13, 15, 16, 17, 18, 19, 21, 24, 25];
  const sums = places.map(() => 0);
  for (const line of (await Deno.readTextFile(path)).trim().split("\n")) {
    const tokens = line.trim().split(/ +/);
    for (const [i, place] of places.entries()) sums[i] += Math.fround(Number(tokens[place]));
  }
  return sums;
}

async function storedSums(sql: postgres.Sql, subset: string): Promise<number[]> {
  const sums = VALUE_COLUMNS.map((column) => `sum(${column}::float8) as ${column}`).join(", ");
  const [row] = await sql.unsafe(
    `select ${sums} from sensor_data join engines on engines.id = engine_id where subset = $1`,
    [subset],
  );
  return VALUE_COLUMNS.map((column) => row[column]);
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) {
    // the order of summation differs: 20,000 doubles agree to 1e-11, one changed reading shows at 1e-9
    const tolerance = Math.max(Math.abs(value) * 1e-11, 1e-9);
    assert.ok(Math.abs(actual[i] - value) <= tolerance, `${VALUE_COLUMNS[i]}: ${actual[i]} is not ${value}`);
  }
}

Deno.test({
  name: "real FD001 arrives whole, with its labels, and a second time changes nothing",
  ignore,
  async fn() {
    await using db = await testDatabase();
    const { sql } = db;
    const first = await load(sql, REAL);

    assert.deepEqual(
      first.report.map(({ file, status, rows, units, bad_rows }) => [file, status, rows, units, bad_rows]),
      [["train_FD001.txt", "pass", 20631, 100, 0], ["test_FD001.txt", "pass", 13096, 100, 0]],
    );
    const shown = (
      { file, engines, received, accepted, duplicates, rejected }: typeof first.summary[number],
    ) => [
      file,
      engines,
      received,
      accepted,
      duplicates,
      rejected,
    ];
    assert.deepEqual(first.summary.map(shown), [
      ["train_FD001.txt", 100, 20631, 20631, 0, 0],
      ["test_FD001.txt", 100, 13096, 13096, 0, 0],
    ]);
    for (const subset of ["train", "test"]) {
      assertClose(await storedSums(sql, subset), await fileSums(join(REAL, `${subset}_FD001.txt`)));
    }
    assert.equal(await count(sql, "engines"), 200);

    const [engine] = await sql`
      select model, dataset, subset, dataset_unit, first_operation_date::text, status, life_cycles, rul_cap
      from engines where unit_number = 'ENGINE_001'`;
    assert.deepEqual({ ...engine }, {
      model: "C-MAPSS FD001",
      dataset: "FD001",
      subset: "train",
      dataset_unit: 1,
      first_operation_date: "2024-01-01",
      status: "failed",
      life_cycles: 192,
      rul_cap: 125,
    });
    // 112 is the first line of the RUL file; unit 1 of the test set ends at cycle 31
    const labels = await sql`
      select unit_number, cycle, "timestamp", rul, rul_uncapped from training_data
      where (unit_number, cycle) in (
        ('ENGINE_001', 1), ('ENGINE_001', 67), ('ENGINE_001', 68), ('ENGINE_001', 192),
        ('FD001_TEST_001', 1), ('FD001_TEST_001', 31)
      ) order by unit_number, cycle`;
    assert.deepEqual(
      labels.map((
        row,
      ) => [row.unit_number, row.cycle, row.timestamp.toISOString(), row.rul, row.rul_uncapped]),
      [
        ["ENGINE_001", 1, "2024-01-01T00:00:00.000Z", 125, 191],
        ["ENGINE_001", 67, "2024-03-07T00:00:00.000Z", 125, 125],
        ["ENGINE_001", 68, "2024-03-08T00:00:00.000Z", 124, 124],
        ["ENGINE_001", 192, "2024-07-10T00:00:00.000Z", 0, 0],
        ["FD001_TEST_001", 1, "2024-01-01T00:00:00.000Z", 125, 142],
        ["FD001_TEST_001", 31, "2024-01-31T00:00:00.000Z", 112, 112],
      ],
    );
    const ends = await sql`
      select distinct on (unit_number) rul_uncapped from training_data
      where subset = 'test' order by unit_number, cycle desc`;
    const published = (await Deno.readTextFile(join(REAL, "RUL_FD001.txt"))).trim().split(/\s+/).map(Number);
    assert.deepEqual(ends.map((row) => row.rul_uncapped), published);

    const references = await sql`select reference from batches order by reference limit 2`;
    assert.deepEqual(references.map(({ reference }) => reference), [
      "test_FD001.txt lines 1-2000",
      "test_FD001.txt lines 10001-12000",
    ]);

    const [{ changed }] = await sql`select max(updated_at) as changed from engines`;
    const second = await load(sql, REAL);
    assert.deepEqual(second.summary.map(shown), [
      ["train_FD001.txt", 100, 20631, 0, 20631, 0],
      ["test_FD001.txt", 100, 13096, 0, 13096, 0],
    ]);
    assert.equal(await count(sql, "sensor_data"), 33727);
    assert.deepEqual((await sql`select max(updated_at) as changed from engines`)[0].changed, changed);
  },
});

Deno.test("other sets do not collide with FD001, and --set and --subset choose", async () => {
  await using db = await testDatabase();
  await using folder = await folderWith({
    "train_FD001.txt": text(lines([2, 3])),
    "TRAIN_fd002.TXT": text(lines([4, 5], sixConditionsRow)),
    "test_FD002.txt": text(lines([2], sixConditionsRow)),
    "RUL_FD002.txt": "7\n",
    "test_FD007.txt": text(lines([3], sixConditionsRow)),
    "RUL_FD007.txt": "0",
    "readme.txt": "not data",
  });
  const files = async (options: Partial<LoadOptions>) =>
    (await load(db.sql, folder.path, options)).summary.map(({ file }) => file);
  assert.deepEqual(await files({ sets: ["FD002"] }), ["train_FD002.txt", "test_FD002.txt"]);
  assert.deepEqual(await files({ subsets: ["test"] }), ["test_FD002.txt", "test_FD007.txt"]);
  assert.deepEqual(await files({ sets: ["FD001", "FD007"], subsets: ["train"] }), ["train_FD001.txt"]);
  assert.deepEqual(await files({}), [
    "train_FD001.txt",
    "train_FD002.txt",
    "test_FD002.txt",
    "test_FD007.txt",
  ]);

  const engines = await db.sql`
    select unit_number, life_cycles, count(*)::int as readings
    from engines join sensor_data on engine_id = id group by id order by unit_number`;
  assert.deepEqual(engines.map((row) => [row.unit_number, row.life_cycles, row.readings]), [
    ["ENGINE_001", 2, 2],
    ["ENGINE_002", 3, 3],
    ["FD002_TEST_001", 9, 2],
    ["FD002_TRAIN_001", 4, 4],
    ["FD002_TRAIN_002", 5, 5],
    ["FD007_TEST_001", 3, 3],
  ]);
  await assert.rejects(
    files({ sets: ["FD003"] }),
    new SourceError("Cannot load FD003 as its files must be there: found FD001, FD002, FD007"),
  );
  await assert.rejects(
    files({ sets: ["FD007"], subsets: ["train"] }),
    /^SourceError: Cannot load train files as there must be one/,
  );
});

const GOOD = lines([5, 4]);
const TRAIN = "train_FD001.txt";

/** Those of one batch, in its order. */
async function deadLetters(sql: postgres.Sql): Promise<DeadLetter[]> {
  return (await listDeadLetters(sql, { all: false, limit: 10 })).sort((a, b) => a.position - b.position);
}

/** A file with one bad row of each kind a row can be bad in; lines 2, 3, 4, 7. */
const NEXT_TO_GOOD = withLines(GOOD, {
  2: GOOD[1].trim().split(" ").slice(0, 25).join(" "),
  3: withPlace(GOOD[2], 15, "99.5"),
  4: withPlace(GOOD[3], 6, "NaN"),
  7: withPlace(GOOD[6], 1, "40"),
});

Deno.test("a file that fails its checks is not loaded", async () => {
  await using db = await testDatabase();
  await using folder = await folderWith({
    [TRAIN]: text(NEXT_TO_GOOD),
    "train_FD002.txt": text(lines([2], sixConditionsRow)),
  });
  const result = await load(db.sql, folder.path);
  assert.deepEqual([result.loaded, result.summary], [false, []]);
  assert.deepEqual(result.report.map(({ file, status, bad_rows }) => [file, status, bad_rows]), [
    ["train_FD001.txt", "fail", 4],
    ["train_FD002.txt", "warning", 0],
  ]);
  await assertEmpty(db.sql);
});

Deno.test("allowed failures: good rows are readings, bad rows are dead letters, whole and with their reason", async () => {
  await using db = await testDatabase();
  await using folder = await folderWith({ [TRAIN]: text(NEXT_TO_GOOD) });
  const result = await load(db.sql, folder.path, { allowFailures: true });
  assert.deepEqual(
    result.summary.map((
      { received, accepted, duplicates, rejected },
    ) => [received, accepted, duplicates, rejected]),
    [[9, 5, 0, 4]],
  );
  const letters = await deadLetters(db.sql);
  assert.deepEqual(letters.map(({ position, path, reason }) => [position, path, reason]), [
    [1, "", "Cannot read line 2 as it must have 26 columns: it has 25"],
    [2, "s11", "Cannot accept s11 as it must be between 46 and 49.5 in FD001: current value is 99.5"],
    [3, "s2", "Cannot accept s2 as it must have a value: current value is missing"],
    [6, "cycle", "Cannot accept cycle as it must be 2, the next of unit 2: current value is 40"],
  ]);
  assert.ok(
    letters.every(({ source, reference }) => source === "load" && reference === "train_FD001.txt lines 1-9"),
  );
  assert.equal(JSON.parse(letters[0].payload), NEXT_TO_GOOD[1]);
  assert.deepEqual(JSON.parse(letters[1].payload), {
    engine_id: "ENGINE_001",
    cycle: 3,
    timestamp: "2024-01-03T00:00:00.000Z",
    altitude: 0.0023,
    mach_number: -0.0003,
    tra: 100,
    s2: 642.13,
    s3: 1587.53,
    s4: 1403.2,
    s7: 553.9,
    s8: 2388.04,
    s9: 9050.17,
    s11: 99.5,
    s12: 521.72,
    s13: 2388.03,
    s14: 8125.55,
    s15: 8.4052,
    s17: 392,
    s20: 38.86,
    s21: 23.3735,
  });
  assert.equal(JSON.parse(letters[2].payload).s2, null);
  // the lives are those of the file, whichever of its rows were bad
  const lives = await db.sql`select unit_number, life_cycles from engines order by unit_number`;
  assert.deepEqual(lives.map((row) => [row.unit_number, row.life_cycles]), [["ENGINE_001", 5], [
    "ENGINE_002",
    4,
  ]]);

  // again: the same dead letters, seen twice
  const again = await load(db.sql, folder.path, { allowFailures: true });
  assert.deepEqual([again.summary[0].duplicates, again.summary[0].rejected], [5, 4]);
  const seen = await listDeadLetters(db.sql, { all: false, limit: 10 });
  assert.deepEqual(seen.map((letter) => letter.seen), [2, 2, 2, 2]);

  // what is a reading can be replayed, what is a line cannot
  const replay = await replayDeadLetters(db.sql, "test", seen.map(({ id }) => id));
  assert.deepEqual(replay, { passed: 3, failed: 1, withheld: 0 });
});

Deno.test("a file that was loaded is a run of lineage with what it wrote; one that failed half-way says why", async () => {
  await using db = await testDatabase();
  const runs = async () =>
    (await db.sql`select event from find_lineage(job => 'load')`).map(({ event }) => RunEvent.parse(event))
      .reverse();
  await using folder = await folderWith({ [TRAIN]: text(NEXT_TO_GOOD) });
  await load(db.sql, folder.path, { allowFailures: true });
  const [start, end] = await runs();
  assert.deepEqual([start.eventType, end.eventType], ["START", "COMPLETE"]);
  const [input] = start.inputs;
  assert.deepEqual([input.namespace, input.name, (input.facets!.schema.fields as unknown[]).length], [
    "file",
    "train_FD001.txt",
    26,
  ]);
  assert.deepEqual(
    end.outputs.map(({ name, outputFacets }) => [name, outputFacets!.outputStatistics.rowCount]),
    [
      ["public.engines", await count(db.sql, "engines")],
      ["public.sensor_data", 5],
      ["public.dead_letters", 4],
    ],
  );

  await db.sql`alter table batches add constraint full_up check (false) not valid`;
  await assert.rejects(load(db.sql, folder.path, { allowFailures: true }), /full_up/);
  const [, , , failed] = await runs();
  assert.equal(failed.eventType, "FAIL");
  assert.match(String(failed.run.facets!.errorMessage.message), /full_up/);
});

Deno.test("the loader goes by the rules as they are in the table", async () => {
  await using db = await testDatabase();
  await using folder = await folderWith({
    [TRAIN]: text(withLines(GOOD, { 3: withPlace(GOOD[2], 15, "99.5") })),
  });
  assert.equal((await load(db.sql, folder.path)).loaded, false);
  await db.sql`update expectations set max = 100 where dataset = 'FD001' and column_name = 's11'`;
  const { report, summary } = await load(db.sql, folder.path);
  assert.deepEqual([summary[0].accepted, summary[0].rejected], [9, 0]);
  assert.equal(report[0].checks.find(({ column }) => column === "s11")?.expected, "46 to 100");

  // what the loader lets pass, the intake may still refuse
  await db.sql`truncate sensor_data`;
  await db.sql`
    update expectations set max = 49.5, mostly = 0.5, at_intake = 'reject'
    where dataset = 'FD001' and column_name = 's11'`;
  const again = await load(db.sql, folder.path);
  assert.deepEqual([again.report[0].bad_rows, again.summary[0].accepted, again.summary[0].rejected], [
    0,
    8,
    1,
  ]);

  await db.sql`delete from expectations`;
  await assert.rejects(
    load(db.sql, folder.path),
    new NoExpectationsError(
      "Cannot check train_FD001.txt as expectations must have rules for it: it has none",
    ),
  );
});

Deno.test("a line with 27 columns, NUL, and bytes that are not UTF-8 are kept whole", async () => {
  await using db = await testDatabase();
  const bytes = new TextEncoder().encode(
    text(withLines(GOOD, { 1: `${GOOD[0]}1`, 3: `${GOOD[2]}\0`, 5: `${GOOD[4]}~` })),
  );
  bytes[bytes.indexOf(0x7e)] = 0xe9;
  await using folder = await folderWith({ [TRAIN]: bytes });
  await load(db.sql, folder.path, { allowFailures: true });
  const letters = await deadLetters(db.sql);
  assert.deepEqual(
    letters.map(({ reason, payload }) => [reason, JSON.parse(payload.replaceAll("\\u0000", "<NUL>"))]),
    [
      ["Cannot read line 1 as it must have 26 columns: it has 27", `${GOOD[0]}1`],
      ["Cannot read line 3 as it must be text without NUL", `${GOOD[2]}<NUL>`],
      ["Cannot read line 5 as it must be UTF-8", `${GOOD[4]}é`],
    ],
  );
  assert.equal(await count(db.sql, "sensor_data"), 6);
});

Deno.test("CRLF, blank lines and a missing last line feed change nothing", async () => {
  await using db = await testDatabase();
  await using plain = await folderWith({ [TRAIN]: text(GOOD) });
  await using windows = await folderWith({ [TRAIN]: `\ufeff${GOOD.join("\r\n\r\n")}` });
  assert.equal((await load(db.sql, plain.path)).summary[0].accepted, 9);
  const { report, summary } = await load(db.sql, windows.path);
  assert.deepEqual([report[0].bad_rows, summary[0].duplicates, summary[0].received], [0, 9, 9]);
});

Deno.test("an empty file fails; allowed, it loads nothing", async () => {
  await using db = await testDatabase();
  await using folder = await folderWith({ [TRAIN]: "" });
  const { loaded, report } = await load(db.sql, folder.path);
  assert.equal(loaded, false);
  assert.deepEqual(
    report[0].checks.filter(({ status }) => status === "fail").map(({ check, value }) => [check, value]),
    [["not_empty", 0]],
  );
  const allowed = await load(db.sql, folder.path, { allowFailures: true });
  assert.deepEqual([allowed.loaded, allowed.summary[0].received], [true, 0]);
  await assertEmpty(db.sql);
});

Deno.test("binary junk fails; allowed, every line of it is a dead letter", async () => {
  await using db = await testDatabase();
  const junk = new Uint8Array(5000).map((_, i) => (i * 7919) >> 3 & 0xff);
  const nonBlank = [...junk].map((byte) => String.fromCharCode(byte)).join("").split("\n")
    .filter((line) => /[^ \t\r]/.test(line)).length;
  await using folder = await folderWith({ [TRAIN]: junk });
  assert.equal((await load(db.sql, folder.path)).loaded, false);
  await assertEmpty(db.sql);
  const { summary } = await load(db.sql, folder.path, { allowFailures: true });
  assert.deepEqual([summary[0].received, summary[0].rejected], [nonBlank, nonBlank]);
  assert.deepEqual([await count(db.sql, "sensor_data"), await count(db.sql, "engines")], [0, 0]);
});

Deno.test("an RUL file that is shorter or longer than the test set fails", async () => {
  await using db = await testDatabase();
  for (const [rul, value] of [["10\n", 1], ["10\n20\n30\n", 3], ["", 0]] as const) {
    await using folder = await folderWith({ "test_FD001.txt": text(GOOD), "RUL_FD001.txt": rul });
    const { loaded, report } = await load(db.sql, folder.path);
    assert.equal(loaded, false);
    const failed = report[0].checks.filter(({ status }) => status === "fail");
    assert.deepEqual(
      failed.map((check) => [check.check, check.value, check.threshold_min, check.threshold_max]),
      [["rul_count", value, 2, 2]],
    );
  }
  await assertEmpty(db.sql);

  await using folder = await folderWith({ "test_FD001.txt": text(GOOD), "RUL_FD001.txt": "10\n" });
  await load(db.sql, folder.path, { allowFailures: true });
  const lives = await db.sql`select life_cycles from engines order by unit_number`;
  assert.deepEqual(lives.map((row) => row.life_cycles), [15, null]);
});

Deno.test("an RUL file that is not numbers fails", async () => {
  await using db = await testDatabase();
  await using folder = await folderWith({ "test_FD001.txt": text(GOOD), "RUL_FD001.txt": "10\nmany\n" });
  const { report } = await load(db.sql, folder.path);
  const failed = report[0].checks.filter(({ status }) => status === "fail");
  assert.deepEqual(failed.map(({ check, value, lines }) => [check, value, lines]), [["rul_types", 1, [2]]]);
});

Deno.test("a test file without its RUL file is loaded without labels; a known life stays known", async () => {
  await using db = await testDatabase();
  const files = { "test_FD001.txt": text(GOOD) };
  await using without = await folderWith(files);
  const { loaded, report } = await load(db.sql, without.path);
  const rul = report[0].checks.find(({ check }) => check === "rul_file")!;
  assert.deepEqual([loaded, rul.status, rul.value], [true, "warning", 0]);
  const lives = async () =>
    (await db.sql`select life_cycles from engines order by unit_number`).map((row) => row.life_cycles);
  assert.deepEqual(await lives(), [null, null]);

  await using complete = await folderWith({ ...files, "RUL_FD001.txt": "10\n20\n" });
  await load(db.sql, complete.path);
  assert.deepEqual(await lives(), [15, 24]);
  await load(db.sql, without.path, { maxRul: 100 });
  assert.deepEqual(await lives(), [15, 24]);
  assert.deepEqual((await db.sql`select distinct rul_cap from engines`).map((row) => row.rul_cap), [100]);
});

Deno.test("a part of a file that is loaded already changes no label", async () => {
  await using db = await testDatabase();
  await using whole = await folderWith({ [TRAIN]: text(GOOD) });
  await load(db.sql, whole.path);
  const labels =
    async () => [...await db.sql`select unit_number, cycle, rul from training_data order by 1, 2`];
  const before = await labels();
  assert.equal(before.length, GOOD.length);

  await using part = await folderWith({ [TRAIN]: text(GOOD.slice(0, 2)) });
  const { summary } = await load(db.sql, part.path);
  assert.equal(summary[0].duplicates, 2);
  assert.deepEqual(await labels(), before);
});

Deno.test("an engine that was known by name gets its labels; one that was renamed keeps its name", async () => {
  await using db = await testDatabase();
  await db.sql`insert into engines (unit_number, manufactured_date) values ('ENGINE_001', '2020-02-02')`;
  await using folder = await folderWith({ [TRAIN]: text(GOOD) });
  await load(db.sql, folder.path);
  await db.sql`update engines set unit_number = 'TAIL-7' where unit_number = 'ENGINE_002'`;
  assert.deepEqual((await load(db.sql, folder.path)).summary[0].duplicates, 9);
  const engines = await db.sql`
    select unit_number, dataset_unit, manufactured_date::text from engines order by dataset_unit`;
  assert.deepEqual(engines.map((row) => Object.values(row)), [["ENGINE_001", 1, "2020-02-02"], [
    "TAIL-7",
    2,
    null,
  ]]);
});

const DAY = 86_400_000;

async function times(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select "timestamp" from sensor_data join engines on engines.id = engine_id order by unit_number, cycle`;
  return rows.map((row) => row.timestamp.toISOString());
}

Deno.test("base date, interval and end give the times", async () => {
  await using folder = await folderWith({ [TRAIN]: text(lines([3, 2])) });
  const atMs = Date.UTC(2024, 4, 1, 6);
  {
    await using db = await testDatabase();
    await load(db.sql, folder.path, { timeline: { anchor: "from", atMs, intervalMs: DAY / 2 } });
    assert.deepEqual(await times(db.sql), [
      "2024-05-01T06:00:00.000Z",
      "2024-05-01T18:00:00.000Z",
      "2024-05-02T06:00:00.000Z",
      "2024-05-01T06:00:00.000Z",
      "2024-05-01T18:00:00.000Z",
    ]);
  }
  await using db = await testDatabase();
  await load(db.sql, folder.path, { timeline: { anchor: "until", atMs, intervalMs: DAY } });
  assert.deepEqual(await times(db.sql), [
    "2024-04-29T06:00:00.000Z",
    "2024-04-30T06:00:00.000Z",
    "2024-05-01T06:00:00.000Z",
    "2024-04-30T06:00:00.000Z",
    "2024-05-01T06:00:00.000Z",
  ]);
});

Deno.test("until now, twice, leaves one copy of each reading; other fixed times are refused", async () => {
  await using db = await testDatabase();
  await using folder = await folderWith({ [TRAIN]: text(lines([3, 2])) });
  const now = { anchor: "until_now", intervalMs: DAY } as const;
  const atMs = Date.now();
  await load(db.sql, folder.path, { timeline: { ...now, atMs } });
  assert.equal((await times(db.sql)).at(-1), new Date(atMs).toISOString());
  const { summary } = await load(db.sql, folder.path, { timeline: { ...now, atMs: atMs + 5000 } });
  assert.deepEqual([summary[0].accepted, summary[0].duplicates], [0, 5]);

  await assert.rejects(load(db.sql, folder.path), TimesDifferError);
  await assert.rejects(
    load(db.sql, folder.path, { timeline: { ...now, atMs, intervalMs: DAY / 2 } }),
    TimesDifferError,
  );
  // the same end, so that only the first cycle tells
  await assert.rejects(
    load(db.sql, folder.path, { timeline: { anchor: "until", atMs, intervalMs: DAY / 2 } }),
    TimesDifferError,
  );
  assert.equal(await count(db.sql, "sensor_data"), 5);
});

Deno.test("times outside of the intake's window stop the load before it begins", async () => {
  await using db = await testDatabase();
  await using folder = await folderWith({ [TRAIN]: text(GOOD) });
  const at = (atMs: number) => load(db.sql, folder.path, { timeline: { ...DEFAULT_TIMELINE, atMs } });
  await assert.rejects(at(Date.UTC(1999, 11, 30)), (error) => {
    assert.ok(error instanceof OutsideWindowError);
    assert.match(
      error.message,
      /^Cannot load train_FD001\.txt as its timestamps must be between 2000-01-01T00:00:00\.000Z and .* \(table intake_settings\): they would run from 1999-12-30T00:00:00\.000Z to 2000-01-03T00:00:00\.000Z\. Use --until now/,
    );
    return true;
  });
  await assert.rejects(at(Date.now() + 40 * DAY), OutsideWindowError);
  await assertEmpty(db.sql);
});

/** Runs the command as people do. */
async function command(args: readonly string[], database = "postgres://postgres:postgres@127.0.0.1:1/none") {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", join(ROOT, "scripts/load.ts"), ...args],
    env: { DATABASE_URL: database, NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("the command loads, reports, and says again what it did", async () => {
  await using db = await testDatabase();
  await using folder = await folderWith({
    [TRAIN]: text(GOOD),
    "train_FD002.txt": text(lines([3], sixConditionsRow)),
  });
  const people = await command([folder.path, "--set", "fd001", "--set", "FD002"], db.url);
  assert.equal(people.code, 0);
  assert.match(people.stdout, /train_FD001\.txt +row_count +20631 rows, as published +9 +9 +warning/);
  assert.match(people.stdout, /train_FD002\.txt +1 +3 +3 +0 +0 /);
  assert.match(people.stderr, /^train_FD001\.txt: 9 rows in /);

  const json = await command([folder.path, "--json", "--subset", "train"], db.url);
  assert.deepEqual([json.code, json.stderr], [0, ""]);
  const { loaded, report, summary } = JSON.parse(json.stdout);
  assert.deepEqual([loaded, report.length, summary[0].duplicates], [true, 2, 9]);
});

Deno.test("the command ends with 3 when data fails, and loads nothing; with 0 when that is allowed", async () => {
  await using db = await testDatabase();
  await using folder = await folderWith({ [TRAIN]: text(NEXT_TO_GOOD) });
  const refused = await command([folder.path], db.url);
  assert.equal(refused.code, 3);
  assert.match(refused.stdout, /range s11 +46 to 49\.5 +1 outside; 47\.2 to 99\.5 +8 +3 +fail/);
  assert.match(
    refused.stdout,
    /Nothing was loaded, as checks failed\. .* keeps 4 bad rows as dead letters\.\n$/,
  );
  await assertEmpty(db.sql);
  const allowed = await command([folder.path, "--allow-failures"], db.url);
  assert.equal(allowed.code, 0);
  assert.equal(await count(db.sql, "dead_letters"), 4);
});

Deno.test("wrong usage ends with 2 and says what is right", async () => {
  const cases: [string[], RegExp][] = [
    [[], /^Cannot load as there must be either a PATH or --download\n/],
    [["x", "--download"], /^Cannot load as there must be either a PATH or --download\n/],
    [["x", "--set", "FD1"], /^Cannot read --set as it must be a set such as FD001: current value is FD1\n/],
    [["x", "--subset", "dev"], /^Cannot read --subset as it must be train or test: current value is dev\n/],
    [["x", "--base-date", "2024-02-30"], /^Cannot read --base-date as .*: current value is 2024-02-30\n/],
    [
      ["x", "--until", "2024-01-01T00:00:00"],
      /^Cannot read --until as it must be now, a date .*: current value/,
    ],
    [
      ["x", "--cycle-interval", "1"],
      /^Cannot read --cycle-interval as it must be like 30m, .*: current value is 1\n/,
    ],
    [
      ["x", "--max-rul", "0"],
      /^Cannot read --max-rul as it must be a whole number from 1 .*: current value is 0\n/,
    ],
    [["x", "--until", "now", "--base-date", "2024-01-01"], /^Cannot use --base-date and --until together/],
    [["x", "--unknown"], /unknown/],
  ];
  await Promise.all(cases.map(async ([args, message]) => {
    const { code, stdout, stderr } = await command(args);
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, message);
  }));
});

Deno.test("times outside of the window are wrong usage", async () => {
  await using db = await testDatabase();
  await using folder = await folderWith({ [TRAIN]: text(GOOD) });
  const { code, stderr } = await command([folder.path, "--base-date", "1990-01-01"], db.url);
  assert.equal(code, 2);
  assert.match(stderr, /^Cannot load train_FD001\.txt as its timestamps must be between .* Use --until now/);
});

Deno.test("what is not there, or no data, or a database that is away, ends with 1 and one line", async () => {
  await using folder = await folderWith({ "readme.txt": "", "data.bin": "\x01\x02" });
  await using data = await folderWith({ [TRAIN]: text(GOOD) });
  const cases: [string, RegExp][] = [
    [join(folder.path, "no"), /^Cannot load .*no as it must be a folder, a file or a zip that exists\n$/],
    [
      folder.path,
      /^Cannot load .* as it must hold files named like train_FD001\.txt or test_FD001\.txt: found none\n$/,
    ],
    [
      join(folder.path, "data.bin"),
      /^Cannot load .* as it must be a folder, a zip or a file named like train_FD001\.txt\n$/,
    ],
    [data.path, /^Cannot reach the database: .*\n$/],
  ];
  await Promise.all(cases.map(async ([path, message]) => {
    const { code, stdout, stderr } = await command([path]);
    assert.deepEqual([code, stdout], [1, ""], stderr);
    assert.match(stderr, message);
  }));
});

Deno.test("--help says what there is", async () => {
  const { code, stdout } = await command(["--help"]);
  assert.equal(code, 0);
  for (
    const option of ["--download", "--set", "--subset", "--until", "--max-rul", "--allow-failures", "--json"]
  ) {
    assert.ok(stdout.includes(option), option);
  }
});
