import assert from "node:assert/strict";
import { VALUE_COLUMNS } from "../../../shared/sensors.ts";
import { Reading } from "../../../shared/reading.ts";
import { Engine, type EngineOptions } from "../../../scripts/simulation/engine.ts";
import { testDatabase } from "../../support/database.ts";

function life(seed: number, number: number, options: EngineOptions): Reading[] {
  const engine = new Engine("SIM_1", seed, number, options);
  const readings: Reading[] = [];
  while (!engine.failed) readings.push(engine.fly("2024-01-01T00:00:00Z"));
  return readings;
}

const SEA_LEVEL = { conditions: 1, faultMode: "hpc" } as const;

Deno.test("the same seed and number give the same engine; another seed or number another one", () => {
  const one = life(7, 3, SEA_LEVEL);
  assert.deepEqual(life(7, 3, SEA_LEVEL), one);
  assert.notDeepEqual(life(8, 3, SEA_LEVEL), one);
  assert.notDeepEqual(life(7, 4, SEA_LEVEL), one);
});

Deno.test("readings are valid, their cycles count from 1, and no value is a negative zero", () => {
  for (const conditions of [1, 6] as const) {
    for (const [i, reading] of life(1, 1, { conditions, faultMode: "both" }).entries()) {
      assert.deepEqual(Reading.parse(reading), reading);
      assert.equal(reading.cycle, i + 1);
      for (const column of VALUE_COLUMNS) assert.ok(!Object.is(reading[column], -0), column);
    }
  }
});

Deno.test("the fault changes how an engine wears, and nothing else about it", () => {
  const [hpc, fan] = (["hpc", "fan"] as const).map((faultMode) => life(5, 1, { conditions: 1, faultMode }));
  assert.equal(hpc.length, fan.length);
  // core speed wears alike in both; the bypass ratio falls with the fan and rises with the compressor
  assert.deepEqual(hpc.map(({ s9 }) => s9), fan.map(({ s9 }) => s9));
  const change = (readings: Reading[], column: "s7" | "s15") =>
    readings.at(-1)![column]! - readings[0][column]!;
  assert.ok(change(hpc, "s15") > 0 && change(fan, "s15") < 0);
  assert.ok(change(hpc, "s7") < 0 && change(fan, "s7") > 0);
});

Deno.test("of both faults about half of the engines have each", () => {
  const modes = Array.from(
    { length: 1000 },
    (_, i) => new Engine("SIM", 1, i + 1, { conditions: 1, faultMode: "both" }).faultMode,
  );
  const fans = modes.filter((mode) => mode === "fan").length;
  assert.ok(fans > 430 && fans < 570, String(fans));
});

Deno.test("every value is within the standard ranges of its set, in the operating condition that was flown", async (t) => {
  await using db = await testDatabase();
  const ranges = await db.sql`
    select dataset, condition, column_name, min, max
    from expectations
    where kind = 'range' and condition is not null and dataset is not null
    union all
    select dataset, 1, column_name, min, max
    from expectations
    where kind = 'range' and condition is null and dataset in ('FD001', 'FD003')`;
  const boxes = await db.sql`select * from operating_conditions`;
  const sets = {
    FD001: { conditions: 1, faultMode: "hpc" },
    FD002: { conditions: 6, faultMode: "hpc" },
    FD003: { conditions: 1, faultMode: "both" },
    FD004: { conditions: 6, faultMode: "both" },
  } as const;
  for (const [dataset, options] of Object.entries(sets)) {
    const allowed = new Map(
      ranges.filter((range) => range.dataset === dataset).map((
        range,
      ) => [`${range.condition} ${range.column_name}`, range]),
    );
    const flown = new Map<number, number>();
    for (let number = 1; number <= 100; number++) {
      const engine = new Engine("SIM", 3, number, options);
      while (!engine.failed) {
        const reading = engine.fly("");
        const box = boxes.filter((box) =>
          box.altitude_min <= reading.altitude! && reading.altitude! <= box.altitude_max &&
          box.mach_number_min <= reading.mach_number! && reading.mach_number! <= box.mach_number_max &&
          box.tra_min <= reading.tra! && reading.tra! <= box.tra_max
        );
        assert.deepEqual(box.map(({ condition }) => condition), [engine.condition.condition]);
        flown.set(box[0].condition, (flown.get(box[0].condition) ?? 0) + 1);
        for (const column of VALUE_COLUMNS) {
          const range = allowed.get(`${box[0].condition} ${column}`)!;
          const value = reading[column]!;
          assert.ok(
            value >= range.min && value <= range.max,
            `${dataset} ${box[0].name}: ${column} is ${value}`,
          );
        }
      }
    }
    await t.step(
      `${dataset}: ${[...flown].map(([condition, count]) => `${condition}: ${count}`).join(", ")}`,
      () => {
        assert.equal(flown.size, options.conditions);
      },
    );
  }
});
