/** Training data out of a real database into a real folder, as scripts and as Python read it. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { DuckDBInstance } from "@duckdb/node-api";
import { parse } from "csv-parse/sync";
import type postgres from "postgres";
import { exportSplit, type SplitOptions } from "../../../scripts/export/split/export_split.ts";
import { SplitRecipe } from "../../../scripts/export/split/recipe.ts";
import { silent } from "../../../scripts/progress.ts";
import { isTransient } from "../../../shared/database.ts";
import { storeBatch } from "../../../shared/intake.ts";
import { FileLake } from "../../../shared/lake/file_lake.ts";
import { type Lake, type LakeWriter, MissingObjectError } from "../../../shared/lake/lake.ts";
import { verifyLake } from "../../../shared/lake/verify.ts";
import { VALUE_COLUMNS } from "../../../shared/sensors.ts";
import { cmapssFolder } from "../../support/cmapss.ts";
import { testDatabase } from "../../support/database.ts";
import { candidates, readings } from "../../support/readings.ts";
import { s3Server } from "../../support/s3_server.ts";
import { DEFAULTS, load, loadMadeUp } from "./split_fleets.ts";

const FOLDER = "processed/train-test-split/";
const CSV: SplitOptions = { ...DEFAULTS, format: "csv" };

/** A lake in a folder of its own. */
async function temporaryLake(): Promise<
  AsyncDisposable & { readonly lake: FileLake; readonly path: string }
> {
  const path = await Deno.makeTempDir({ prefix: "spool-split-" });
  return {
    lake: new FileLake(path),
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

async function readText(lake: FileLake, key: string): Promise<string> {
  return new TextDecoder().decode(await lake.read(key));
}

async function readCsv(lake: FileLake, name: string, folder = FOLDER): Promise<Record<string, string>[]> {
  return parse(await readText(lake, `${folder}${name}.csv`), { columns: true });
}

async function readRecipe(lake: FileLake, folder = FOLDER): Promise<SplitRecipe> {
  return SplitRecipe.parse(JSON.parse(await readText(lake, `${folder}recipe.json`)));
}

async function keys(lake: Lake): Promise<string[]> {
  const found = [];
  for await (const { key } of lake.list("")) found.push(key);
  return found;
}

/** Each file is the one that the recipe names. */
async function assertWhole(lake: FileLake, recipe: SplitRecipe, folder = FOLDER): Promise<void> {
  for (const { name, bytes, sha256 } of recipe.files) {
    const content = await lake.read(folder + name);
    assert.equal(content.length, bytes, name);
    assert.equal(createHash("sha256").update(content).digest("hex"), sha256, name);
  }
}

/** Rows of a C-MAPSS file as NASA wrote it: unit, cycle, then settings and kept sensors as a split has them. */
async function rawRows(file: string): Promise<{ unit: number; cycle: number; values: string }[]> {
  const text = await Deno.readTextFile(join(cmapssFolder!, file));
  return text.trim().split("\n").map((line) => {
    const tokens = line.trim().split(/ +/).map(Number);
    const [unit, cycle, ...settings] = tokens.slice(0, 5);
    const sensors = [2, 3, 4, 7, 8, 9, 11, 12, 13, 14, 15, 17, 20, 21].map((s) => tokens[4 + s]);
    return { unit, cycle, values: [...settings, ...sensors].join() };
  });
}

function valuesOf(row: Record<string, string>): string {
  return VALUE_COLUMNS.map((column) => Number(row[column])).join();
}

/** As deepEqual of long lists, whose message takes minutes. */
function assertSameRows(actual: readonly string[], expected: readonly string[]): void {
  assert.equal(actual.length, expected.length);
  const place = actual.findIndex((row, i) => row !== expected[i]);
  if (place >= 0) assert.equal(actual[place], expected[place], `row ${place + 1}`);
}

const hasModels = await new Deno.Command("/usr/bin/python3", {
  args: ["-c", "import sklearn, pandas"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);
if (!hasModels) {
  // deno-lint-ignore no-console
  console.warn(
    "scikit-learn is not installed (Debian: python3-sklearn python3-pandas): the model is not trained",
  );
}

/** Trains on the files alone; the error on the test set must be at most so many cycles. */
async function assertRmse(
  t: Deno.TestContext,
  model: "boosting" | "ridge",
  path: string,
  most: number,
): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("/usr/bin/python3", {
    args: [join(import.meta.dirname!, "rul_model.py"), model, path],
    env: { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" }, // on busy cores its threads wait for each other
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const said = new TextDecoder().decode(stdout).trim();
  const rmse = Number(/^.*: ([\d.]+) against/.exec(said)![1]);
  // its name is printed
  await t.step(`FD001 test RMSE of ${said}`, () => assert.ok(rmse <= most));
}

Deno.test({
  name:
    "real FD001: the files hold what NASA's text files say, as CSV and as Parquet, and a model learns from them",
  ignore: cmapssFolder === undefined,
  async fn(t) {
    await using db = await testDatabase();
    await load(db.sql, cmapssFolder!);
    await using csv = await temporaryLake();
    const report = await exportSplit(db, csv.lake, CSV, silent);
    assert.deepEqual(report!.recipe.files.map(({ name, rows }) => [name, rows]), [
      ["X_train.csv", 20631],
      ["y_train.csv", 20631],
      ["X_test.csv", 100],
      ["y_test.csv", 100],
    ]);

    await t.step("20,631 train rows with their labels, in the order of the text file", async () => {
      const raw = await rawRows("train_FD001.txt");
      const name = (unit: number) => `ENGINE_${String(unit).padStart(3, "0")}`;
      const lives = new Map<number, number>();
      for (const { unit, cycle } of raw) lives.set(unit, Math.max(cycle, lives.get(unit) ?? 0));
      const x = await readCsv(csv.lake, "X_train");
      const y = await readCsv(csv.lake, "y_train");
      assertSameRows(
        x.map((row) => [row.engine_id, row.cycle, valuesOf(row)].join()),
        raw.map(({ unit, cycle, values }) => [name(unit), cycle, values].join()),
      );
      assertSameRows(
        y.map(({ engine_id, cycle, rul, rul_uncapped }) => [engine_id, cycle, rul, rul_uncapped].join()),
        raw.map(({ unit, cycle }) => {
          const left = lives.get(unit)! - cycle;
          return [name(unit), cycle, Math.min(125, left), left].join();
        }),
      );
      assert.equal(x[1].timestamp, "2024-01-02T00:00:00Z");
    });

    await t.step(
      "the last reading of each of the 100 test engines, with what the RUL file says",
      async () => {
        const lasts = new Map<number, string>();
        for (const { unit, cycle, values } of await rawRows("test_FD001.txt")) {
          lasts.set(unit, [`FD001_TEST_${String(unit).padStart(3, "0")}`, cycle, values].join());
        }
        const published = (await Deno.readTextFile(join(cmapssFolder!, "RUL_FD001.txt"))).trim().split(/\s+/)
          .map(Number);
        const x = await readCsv(csv.lake, "X_test");
        const y = await readCsv(csv.lake, "y_test");
        assert.equal(x.length, 100);
        assertSameRows(x.map((row) => [row.engine_id, row.cycle, valuesOf(row)].join()), [...lasts.values()]);
        assert.deepEqual(y.map(({ rul_uncapped }) => Number(rul_uncapped)), published);
        assert.deepEqual(y.map(({ rul }) => Number(rul)), published.map((left) => Math.min(125, left)));
      },
    );

    await t.step("DuckDB finds in the Parquet files what is in the CSV files", async () => {
      await using parquet = await temporaryLake();
      await exportSplit(db, parquet.lake, DEFAULTS, silent);
      const duckdb = await (await DuckDBInstance.create()).connect();
      for (const name of ["X_train", "y_train", "X_test", "y_test"]) {
        const inParquet = `'${parquet.path}/${FOLDER}${name}.parquet'`;
        const described = await duckdb.runAndReadAll(`describe select * from ${inParquet}`);
        const columns = described.getRowsJson().map(([column, type]) => `'${column}': '${type}'`);
        const typed =
          `read_csv('${csv.path}/${FOLDER}${name}.csv', columns = {${columns.join()}}, header = true)`;
        const [[differing, rows]] = (await duckdb.runAndReadAll(`
          select
            (select count(*) from (
              select *, row_number() over () from ${inParquet} except all select *, row_number() over () from ${typed}
            )),
            (select count(*) from ${inParquet})`)).getRowsJson();
        assert.deepEqual([name, differing], [name, "0"]);
        assert.equal(rows, name.endsWith("train") ? "20631" : "100");
        if (name === "X_train") {
          assert.deepEqual(columns.slice(0, 4), [
            "'engine_id': 'VARCHAR'",
            "'cycle': 'INTEGER'",
            "'timestamp': 'TIMESTAMP WITH TIME ZONE'",
            "'altitude': 'FLOAT'",
          ]);
        }
      }
      duckdb.closeSync();
    });

    await t.step("the listing and the lineage say what is in which file, and of which batches", async () => {
      const listed = await db.sql`
        select key, kind, row_count::integer, sha256, written_by from lake_objects order by key`;
      assert.deepEqual(
        listed.filter(({ key }) => key.endsWith(".parquet")).map(({ key, row_count }) => [key, row_count]),
        [
          [`${FOLDER}X_test.parquet`, 100],
          [`${FOLDER}X_train.parquet`, 20631],
          [`${FOLDER}y_test.parquet`, 100],
          [`${FOLDER}y_train.parquet`, 20631],
        ],
      );
      assert.ok(listed.every(({ kind }) => kind === "split"));
      const [{ differing }] = await db.sql`
        select count(*)::integer as differing
        from (
          select batch_id, count(*) from sensor_data join engines on engines.id = engine_id where subset = 'train'
          group by batch_id
        ) as stored
        full join (
          select batch_id, row_count from lake_object_batches where key = ${`${FOLDER}X_train.parquet`}
        ) as listed using (batch_id)
        where stored.count is distinct from listed.row_count`;
      assert.equal(differing, 0);

      const events = await db.sql`
        select event_type, job_name, inputs, outputs, run_facets from lineage_events
        where run_id = ${listed.find(({ key }) => key.endsWith("X_train.parquet"))!.written_by} order by id`;
      assert.deepEqual(events.map(({ event_type, job_name }) => [event_type, job_name]), [
        ["START", "export"],
        ["COMPLETE", "export"],
      ]);
      assert.equal(events[0].inputs[0].name, "public.training_data");
      assert.equal(events[0].run_facets.spool_split.seed, 42);
      const output = events[1].outputs.find(({ name }: { name: string }) =>
        name === `${FOLDER}y_train.parquet`
      );
      assert.equal(output.outputFacets.outputStatistics.rowCount, 20631);
      assert.deepEqual(
        output.facets.schema.fields.map(({ name }: { name: string }) => name),
        ["engine_id", "cycle", "rul", "rul_uncapped"],
      );
      assert.equal(events[1].run_facets.spool_split.fleets[0].train_engines.length, 100);
    });

    await t.step({
      name: "scikit-learn reaches an RMSE of 20 with single readings, and of 17 with windows",
      ignore: !hasModels && process.env.CI === undefined,
      async fn(t) {
        await assertRmse(t, "boosting", join(csv.path, FOLDER), 20);
        await exportSplit(db, csv.lake, { ...CSV, features: "window", window: 30 }, silent);
        await assertRmse(t, "ridge", join(csv.path, FOLDER), 17);
      },
    });
  },
});

Deno.test("the same database and seed give the same bytes, another seed other engines; nobody is on both sides", async () => {
  await using db = await testDatabase();
  await loadMadeUp(db.sql, "FD003", Array.from({ length: 30 }, (_, i) => 20 + i));
  await using folder = await temporaryLake();
  const { lake } = folder;
  const contents = async (options: SplitOptions) => {
    await exportSplit(db, lake, options, silent);
    const files = new Map<string, string>();
    for (const key of await keys(lake)) {
      files.set(key, createHash("sha256").update(await lake.read(key)).digest("hex"));
    }
    return files;
  };
  for (const format of ["parquet", "csv"] as const) {
    const options = { ...DEFAULTS, format };
    const first = await contents(options);
    assert.equal(first.size, 5);
    assert.deepEqual(await contents(options), first);
    const other = await contents({ ...options, seed: 43 });
    assert.deepEqual([...first.keys()].filter((key) => first.get(key) === other.get(key)), []);
  }
  const engines = async (name: string) =>
    new Set((await readCsv(lake, name)).map(({ engine_id }) => engine_id));
  const test = await engines("X_test");
  assert.equal(test.size, 6);
  assert.deepEqual(test.intersection(await engines("X_train")), new Set());
  assert.deepEqual(test, await engines("y_test"));
  // each with all of its readings
  const recipe = await readRecipe(lake);
  assert.deepEqual(
    [recipe.fleets[0].method, recipe.fleets[0].test, recipe.fleets[0].seed],
    ["engines", "all", 43],
  );
  const [{ count }] = await db.sql`
    select count(*)::integer from training_data where unit_number = any (${recipe.fleets[0].test_engines})`;
  assert.equal((await readCsv(lake, "X_test")).length, count);
});

Deno.test("a folder has one set: that of a dataset has one of its own, and the other format's files go", async () => {
  await using db = await testDatabase();
  await loadMadeUp(db.sql, "FD002", [40, 40, 40], [19, 25]);
  await loadMadeUp(db.sql, "FD003", [30, 30]);
  await using folder = await temporaryLake();
  const { lake } = folder;
  await exportSplit(db, lake, DEFAULTS, silent);
  await exportSplit(db, lake, { ...CSV, dataset: "FD002", features: "window", window: 21 }, silent);
  const set = (folder: string, format: string) =>
    ["X_test", "X_train", "recipe", "y_test", "y_train"].map((name) =>
      `${folder}${name}.${name === "recipe" ? "json" : format}`
    );
  const before = [...set(`${FOLDER}FD002/`, "csv"), ...set(FOLDER, "parquet")];
  assert.deepEqual(await keys(lake), before);
  await exportSplit(db, lake, CSV, silent);
  const after = [...set(`${FOLDER}FD002/`, "csv"), ...set(FOLDER, "csv")];
  assert.deepEqual(await keys(lake), after);
  const listed = await db.sql`select key from lake_objects order by key collate "C"`;
  assert.deepEqual(listed.map(({ key }) => key), after);

  const all = await readRecipe(lake);
  assert.deepEqual(all.fleets.map(({ fleet, method }) => [fleet, method]), [
    ["FD002", "official"],
    ["FD003", "engines"],
  ]);
  const own = await readRecipe(lake, `${FOLDER}FD002/`);
  await assertWhole(lake, own, `${FOLDER}FD002/`);
  // the test engine of 19 readings is there, too
  assert.deepEqual(own.filled_engines, { train: 0, test: 1 });
  const x = await readCsv(lake, "X_test", `${FOLDER}FD002/`);
  assert.deepEqual(x.map(({ engine_id, cycle }) => [engine_id, cycle]), [
    ["FD002_TEST_001", "19"],
    ["FD002_TEST_002", "25"],
  ]);
  // 19 readings in a window of 21: the first one stands there three times
  const [{ s2, next }] = await db.sql`
    select (array_agg(s2 order by cycle))[1] as s2, (array_agg(s2 order by cycle))[2] as next
    from training_data where unit_number = 'FD002_TEST_001'`;
  assert.deepEqual(
    ["s2_t-20", "s2_t-19", "s2_t-18", "s2_t-17"].map((column) => Number(x[0][column])),
    [s2, s2, s2, next],
  );
});

Deno.test("labels are capped as asked for: by the engine, by a number, not at all", async () => {
  await using db = await testDatabase();
  await loadMadeUp(db.sql, "FD003", [150, 150]);
  await db.sql`update engines set rul_cap = null where unit_number = 'FD003_TRAIN_001'`;
  await db.sql`update engines set rul_cap = 90 where unit_number = 'FD003_TRAIN_002'`;
  await using folder = await temporaryLake();
  const most = async (rulCap: SplitOptions["rulCap"]) => {
    await exportSplit(db, folder.lake, { ...CSV, rulCap }, silent);
    const labels = [...await readCsv(folder.lake, "y_train"), ...await readCsv(folder.lake, "y_test")];
    return ["FD003_TRAIN_001", "FD003_TRAIN_002"].map((engine) =>
      Math.max(...labels.filter(({ engine_id }) => engine_id === engine).map(({ rul }) => Number(rul)))
    );
  };
  assert.deepEqual(await most("engine"), [125, 90]);
  assert.deepEqual(await most(70), [70, 70]);
  assert.deepEqual(await most("none"), [149, 149]);
});

Deno.test("missing values stay missing, and a name that a spreadsheet would run as a formula is no engine's", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await loadMadeUp(sql, "FD003", [10, 10]);
  await sql`
    update sensor_data set s2 = null, s3 = 'NaN' from engines
    where engines.id = engine_id and cycle = 3`;
  await using folder = await temporaryLake();
  await exportSplit(db, folder.lake, CSV, silent);
  const [row] = (await readCsv(folder.lake, "X_test")).filter(({ cycle }) => cycle === "3");
  assert.deepEqual([row.s2, row.s3], ["", "NaN"]);
  await exportSplit(db, folder.lake, DEFAULTS, silent);
  const duckdb = await (await DuckDBInstance.create()).connect();
  const found = await duckdb.runAndReadAll(
    `select s2 is null, isnan(s3) from '${folder.path}/${FOLDER}X_test.parquet' where cycle = 3`,
  );
  assert.deepEqual(found.getRowsJson(), [[true, true]]);
  duckdb.closeSync();
  for (const name of ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", '=HYPERLINK("http://example.com")']) {
    await assert.rejects(
      sql`update engines set unit_number = ${name} where unit_number = 'FD003_TRAIN_001'`,
      /engines_unit_number_check/,
    );
  }
});

Deno.test("what has no label is not exported: no engine, a dataset nobody has, a life that has been outlived", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await using folder = await temporaryLake();
  const { lake } = folder;
  await storeBatch(sql, { source: "ingest", reference: null }, candidates(readings(5)));
  assert.equal(await exportSplit(db, lake, DEFAULTS, silent), undefined);
  await assert.rejects(
    exportSplit(db, lake, { ...DEFAULTS, dataset: "FD009" }, silent),
    /^CommandError: Cannot split FD009 as it must have engines whose life is known/,
  );
  assert.equal((await sql`select from lineage_events`).length, 0);

  await loadMadeUp(sql, "FD003", [10, 10]);
  await sql`update engines set life_cycles = 9 where unit_number = 'FD003_TRAIN_002'`;
  await assert.rejects(
    exportSplit(db, lake, DEFAULTS, silent),
    /^CommandError: Cannot label FD003_TRAIN_002 as its life_cycles must be at least its last cycle: current value is 9, and it has a reading of cycle 10$/,
  );
  assert.deepEqual(await keys(lake), []);
  const events =
    await sql`select event_type, run_facets -> 'errorMessage' ->> 'message' as message from lineage_events where job_name <> 'load' order by id`;
  assert.deepEqual(events.map(({ event_type }) => event_type), ["START", "FAIL"]);
  assert.match(events[1].message, /Cannot label FD003_TRAIN_002/);
});

Deno.test("a database that goes away in the middle is an error, never a shorter file", async () => {
  await using db = await testDatabase();
  await loadMadeUp(db.sql, "FD003", Array(60).fill(200));
  await using folder = await temporaryLake();
  /** Ends the session that reads while what it has sent is being written: between two rounds of its cursor. */
  class EndingLake extends FileLake {
    private ended = false;
    override async create(key: string): Promise<LakeWriter> {
      const writer = await super.create(key);
      const { write } = writer;
      return Object.assign(writer, {
        write: async (chunk: Uint8Array) => {
          if (!this.ended) await endReader(db.sql);
          this.ended = true;
          await write.call(writer, chunk);
        },
      });
    }
  }
  await assert.rejects(exportSplit(db, new EndingLake(folder.path), CSV, silent), isTransient);
  assert.deepEqual(await keys(folder.lake), []);
  const events = await db.sql`select event_type from lineage_events where job_name <> 'load' order by id`;
  assert.deepEqual(events.map(({ event_type }) => event_type), ["START", "FAIL"]);
});

async function endReader(sql: postgres.Sql): Promise<void> {
  const [{ pid }] = await sql`
    select pid, pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and query like '%training_data%'`;
  while ((await sql`select from pg_stat_activity where pid = ${pid}`).length > 0);
  await new Promise((resolve) => setTimeout(resolve, 100)); // until the end of it has arrived here
}

Deno.test("killed at any change of the lake: where there is a recipe the files are its own, and a second run is whole", async () => {
  await using db = await testDatabase();
  await loadMadeUp(db.sql, "FD003", Array.from({ length: 12 }, (_, i) => 20 + i));
  await using whole = await temporaryLake();
  await exportSplit(db, whole.lake, DEFAULTS, silent);
  const expected = await readRecipe(whole.lake);

  /** One export that kills itself before its nth change; whether it was killed. */
  const dies = async (path: string, at: number): Promise<boolean> => {
    const { signal, success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", join(import.meta.dirname!, "dying_export.ts"), db.url, path, String(at)],
    }).output();
    assert.ok(success || signal === "SIGKILL", new TextDecoder().decode(stderr));
    return signal === "SIGKILL";
  };
  const seen = new Set<string>();
  const killedAt = async (at: number): Promise<boolean> => {
    await using folder = await temporaryLake();
    const { lake, path } = folder;
    // another set is there already
    await exportSplit(db, lake, { ...DEFAULTS, seed: 7 }, silent);
    const earlier = await readRecipe(lake);
    const killed = await dies(path, at);
    const recipe = await readRecipe(lake).catch((error) => {
      assert.ok(error instanceof MissingObjectError);
      return undefined;
    });
    if (recipe !== undefined) {
      await assertWhole(lake, recipe);
      assert.deepEqual(recipe, killed ? earlier : expected);
    }
    seen.add(!killed ? "whole" : recipe === undefined ? "no recipe" : "the earlier set");
    await exportSplit(db, lake, DEFAULTS, silent);
    assert.deepEqual(await readRecipe(lake), expected);
    await assertWhole(lake, expected);
    assert.equal((await keys(lake)).length, 5);
    return killed;
  };
  // two at a time, until one run comes to its end
  let next = 1;
  let ended = false;
  await Promise.all([1, 2].map(async () => {
    while (!ended) if (!await killedAt(next++)) ended = true;
  }));
  assert.ok(next > 12, `only ${next} points`);
  assert.deepEqual(seen, new Set(["the earlier set", "no recipe", "whole"]));
});

Deno.test("an S3 bucket holds the same set as a folder", async () => {
  await using db = await testDatabase();
  await loadMadeUp(db.sql, "FD003", [20, 21, 22, 23]);
  await using folder = await temporaryLake();
  await exportSplit(db, folder.lake, DEFAULTS, silent);
  await using s3 = await s3Server();
  const lake = s3.lake();
  for (const format of ["csv", "parquet"] as const) {
    await exportSplit(db, lake, { ...DEFAULTS, format }, silent);
  }
  assert.deepEqual(await keys(lake), await keys(folder.lake));
  for (const key of await keys(lake)) {
    assert.deepEqual(await lake.read(key), await folder.lake.read(key), key);
  }
  assert.equal(s3.uploads.size, 0);
  const { verified, faulty } = await verifyLake(db.sql, lake);
  assert.deepEqual([verified, faulty], [5, 0]);
});
