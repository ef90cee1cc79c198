/** What is written can be read back: NDJSON, Parquet, and a C-MAPSS set through the loader into a database. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type AsyncBuffer, parquetMetadata, parquetReadObjects } from "hyparquet";
import type { Reading } from "../../../shared/reading.ts";
import { VALUE_COLUMNS } from "../../../shared/sensors.ts";
import { unitNumber } from "../../../scripts/cmapss/engines.ts";
import { loadCmapss } from "../../../scripts/cmapss/load.ts";
import { openSource } from "../../../scripts/cmapss/source.ts";
import { silent } from "../../../scripts/progress.ts";
import { type CmapssOptions, writeCmapssSet } from "../../../scripts/simulation/cmapss_folder.ts";
import { Engine } from "../../../scripts/simulation/engine.ts";
import { type FaultLabel, SENSOR_FAULTS } from "../../../scripts/simulation/faults.ts";
import { Fleet } from "../../../scripts/simulation/fleet.ts";
import { fly } from "../../../scripts/simulation/flight.ts";
import { NdjsonTarget } from "../../../scripts/simulation/ndjson_target.ts";
import { ParquetTarget } from "../../../scripts/simulation/parquet_target.ts";
import type { Target } from "../../../scripts/simulation/target.ts";
import { testDatabase } from "../../support/database.ts";

const never = new AbortController().signal;
const stage = silent.stage("", null, "");

async function folder(): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "spool-simulated-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function fleet(engines: number, cycles: number): Fleet {
  return new Fleet({
    engines,
    cycles,
    seed: 4,
    prefix: "SIM_",
    firstMs: Date.UTC(2024, 1, 28, 12),
    intervalMs: 1500,
    conditions: 6,
    faultMode: "both",
    faults: new Map(SENSOR_FAULTS.map((kind) => [kind, 0.002])),
  });
}

async function write(target: Target, engines: number, cycles: number): Promise<Reading[]> {
  await fly({
    fleet: fleet(engines, cycles),
    target,
    rate: null,
    stage,
    signal: never,
    labels: () => {},
  });
  const again = fleet(engines, cycles);
  return [...again.take(engines * cycles), ...again.finish()];
}

Deno.test("an NDJSON file holds the readings, and is never written over", async () => {
  await using home = await folder();
  const path = join(home.path, "a.ndjson");
  const readings = await write(await NdjsonTarget.create(path), 7, 700);
  const lines = (await Deno.readTextFile(path)).split("\n");
  assert.equal(lines.pop(), "");
  assert.deepEqual(lines.map((line) => JSON.parse(line)), readings);
  await assert.rejects(NdjsonTarget.create(path), /must not exist yet/);
  await assert.rejects(NdjsonTarget.create(join(home.path, "no", "a.ndjson")), /Cannot write/);
});

Deno.test("a Parquet file holds the readings with the types of sensor_data, in row groups", async () => {
  await using home = await folder();
  const path = join(home.path, "a.parquet");
  const readings = await write(await ParquetTarget.create(path), 300, 400);
  const file = (await Deno.readFile(path)).buffer;
  const { row_groups, schema } = parquetMetadata(file);
  assert.deepEqual(row_groups.map(({ num_rows }) => Number(num_rows)), [100_000, 20_000]);
  assert.deepEqual(schema.slice(1, 5).map(({ name, type }) => `${name} ${type}`), [
    "engine_id BYTE_ARRAY",
    "cycle INT32",
    "timestamp INT64",
    "altitude FLOAT",
  ]);
  assert.deepEqual(schema[3].logical_type, { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" });
  const rows = await parquetReadObjects({ file: file as unknown as AsyncBuffer });
  assert.equal(rows.length, readings.length);
  assert.ok(readings.some((reading) => VALUE_COLUMNS.some((column) => reading[column] === null)));
  for (const [i, { engine_id, cycle, timestamp, ...values }] of readings.entries()) {
    const single = Object.fromEntries(
      Object.entries(values).map(([column, value]) => [column, value === null ? null : Math.fround(value)]),
    );
    assert.deepEqual(rows[i], { engine_id, cycle, timestamp: new Date(timestamp), ...single });
  }
});

Deno.test("an empty Parquet file can be read, too", async () => {
  await using home = await folder();
  const path = join(home.path, "empty.parquet");
  await (await ParquetTarget.create(path)).close();
  const file = (await Deno.readFile(path)).buffer;
  assert.deepEqual(await parquetReadObjects({ file: file as unknown as AsyncBuffer }), []);
});

async function writeSet(path: string, overrides: Partial<CmapssOptions> = {}, signal = never) {
  const labels: FaultLabel[] = [];
  const result = await writeCmapssSet(
    { engines: 12, seed: 5, conditions: 1, faultMode: "hpc", faults: new Map(), folder: path, ...overrides },
    unitNumber,
    (ended) => void labels.push(...ended),
    stage,
    signal,
  );
  return { ...result, labels };
}

Deno.test("a C-MAPSS set of each kind passes the loader's checks, and is in the database with its labels", async (t) => {
  for (
    const [conditions, faultMode, set] of [[1, "hpc", "FD001"], [6, "hpc", "FD002"], [1, "both", "FD003"], [
      6,
      "fan",
      "FD004",
    ]] as const
  ) {
    await t.step(set, async () => {
      await using home = await folder();
      await using db = await testDatabase();
      const written = await writeSet(home.path, { conditions, faultMode });
      assert.equal(written.set, set);
      await using source = await openSource([home.path]);
      const timeline = { anchor: "from", atMs: Date.UTC(2024, 0, 1), intervalMs: 3_600_000 } as const;
      const { loaded, report } = await loadCmapss(
        db.sql,
        source,
        { timeline, maxRul: 125, allowFailures: false },
        silent,
      );
      assert.ok(loaded);
      assert.deepEqual(report.filter(({ status }) => status === "fail"), []);
      const [{ rows, trained }] = await db.sql`
        select count(*)::integer as rows, count(*) filter (where rul_uncapped = 0)::integer as trained
        from training_data`;
      assert.equal(rows, written.readings);
      assert.equal(trained, 12, "the train engines run to failure, the test engines do not");

      // the same engines as those of a flight, value by value
      const engine = new Engine("", 5, 3, { conditions, faultMode });
      const stored = await db.sql`
        select cycle, ${db.sql([...VALUE_COLUMNS])} from sensor_data join engines on engines.id = engine_id
        where dataset = ${set} and subset = 'train' and dataset_unit = 3 order by cycle`;
      assert.equal(stored.length, engine.life);
      for (const row of stored) {
        const reading = engine.fly("");
        for (const column of VALUE_COLUMNS) {
          assert.equal(Math.fround(reading[column]!), Math.fround(row[column]));
        }
      }
    });
  }
});

Deno.test("the same seed gives the same files, as NASA writes them, and no file is written over", async () => {
  await using one = await folder();
  await using two = await folder();
  await writeSet(one.path);
  await writeSet(two.path);
  for (const name of ["train_FD001.txt", "test_FD001.txt", "RUL_FD001.txt"]) {
    const text = await Deno.readTextFile(join(one.path, name));
    assert.equal(await Deno.readTextFile(join(two.path, name)), text);
    if (name.startsWith("train")) {
      assert.match(
        text.split("\n")[0],
        /^1 1 -?0\.\d{4} -?0\.\d{4} 100\.0 518\.67 64\d\.\d\d 15\d\d\.\d\d 14\d\d\.\d\d 14\.62 21\.61 55\d\.\d\d 238[78]\.\d\d 90\d\d\.\d\d 1\.30 47\.\d\d 52\d\.\d\d 238[78]\.\d\d 81\d\d\.\d\d 8\.\d{4} 0\.03 39\d 2388 100\.00 3\d\.\d\d 23\.\d{4} {2}$/,
      );
    }
  }
  await assert.rejects(writeSet(one.path), /must not exist yet/);
});

Deno.test("sensor faults of a C-MAPSS set are found by the loader, and labelled with the names it gives", async () => {
  await using home = await folder();
  await using db = await testDatabase();
  const { labels } = await writeSet(home.path, { faults: new Map([["dropout", 0.002]]) });
  assert.ok(labels.length > 3);
  await using source = await openSource([home.path]);
  const timeline = { anchor: "from", atMs: Date.UTC(2024, 0, 1), intervalMs: 3_600_000 } as const;
  const options = { timeline, maxRul: 125, allowFailures: true };
  const { report } = await loadCmapss(db.sql, source, options, silent);
  assert.ok(report.some(({ status }) => status === "fail"));
  // a row without a value becomes a dead letter
  const [{ count }] = await db.sql`select count(*)::integer from dead_letters`;
  const rows = new Set(
    labels.flatMap(({ engine_id, from_cycle, size }) =>
      Array.from({ length: size }, (_, i) => `${engine_id} ${from_cycle + i}`)
    ),
  );
  assert.equal(count, rows.size);
  assert.ok(
    labels.every(({ from_timestamp, to_timestamp }) => from_timestamp === null && to_timestamp === null),
  );
});

Deno.test("a set that is stopped has whole engines", async () => {
  await using home = await folder();
  const stop = new AbortController();
  stop.abort();
  const { units, readings } = await writeSet(home.path, {}, stop.signal);
  assert.deepEqual([units, readings], [0, 0]);
});
