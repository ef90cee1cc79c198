import assert from "node:assert/strict";
import fc from "fast-check";
import { featureColumns, labelColumns } from "../../../scripts/export/split/columns.ts";
import { type LabelledReading, type Sample, Samples } from "../../../scripts/export/split/samples.ts";
import { VALUE_COLUMNS } from "../../../shared/sensors.ts";

/** Readings of an engine; values say where they are from: cycle × 100 + place of the column. */
function life(cycles: number): LabelledReading[] {
  return Array.from({ length: cycles }, (_, i) => ({
    unitNumber: "ENGINE_001",
    cycle: i + 1,
    timestamp: BigInt(i) * 1_000_000n,
    values: VALUE_COLUMNS.map((_, column) => (i + 1) * 100 + column),
    left: cycles - i - 1,
    batchId: `batch-${Math.floor(i / 10)}`,
  }));
}

function samplesOf(engines: readonly (readonly LabelledReading[])[], length: number, lastOnly: boolean) {
  const samples = new Samples(length, lastOnly);
  const made: Sample[] = [];
  for (const readings of engines) {
    for (const reading of readings) {
      const sample = samples.add(reading);
      if (sample !== undefined) made.push(sample);
    }
    const last = samples.endEngine();
    if (last !== undefined) made.push(last);
  }
  return { made, filled: samples.filled };
}

function cyclesOf({ window }: Sample): number[] {
  return window.map(({ cycle }) => cycle);
}

Deno.test("windows are those that slices of each engine's readings give, and end where their label is", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 1, max: 8 }),
    fc.boolean(),
    (lives, length, lastOnly) => {
      const engines = lives.map(life);
      const { made, filled } = samplesOf(engines, length, lastOnly);
      const expected = engines.flatMap((readings) => {
        const padded = [
          ...Array(Math.max(0, length - readings.length)).fill(readings[0]),
          ...readings,
        ] as LabelledReading[];
        const windows = Array.from(
          { length: padded.length - length + 1 },
          (_, i) => padded.slice(i, i + length),
        );
        return lastOnly ? windows.slice(-1) : windows;
      });
      assert.deepEqual(made.map(({ window }) => window), expected);
      assert.deepEqual(made.map(({ last }) => last), expected.map((window) => window.at(-1)));
      assert.equal(filled, lives.filter((cycles) => cycles < length).length);
      // each reading that is in any window is counted once
      const distinct = engines.reduce(
        (sum, readings) =>
          sum + new Set(expected.flat().filter((reading) => readings.includes(reading))).size,
        0,
      );
      assert.equal(made.reduce((sum, { fresh }) => sum + fresh, 0), distinct);
    },
  ));
});

Deno.test("an engine that is shorter than the window has one, filled in front with its first reading", () => {
  const { made, filled } = samplesOf([life(3), life(5)], 5, false);
  assert.deepEqual(made.map(cyclesOf), [[1, 1, 1, 2, 3], [1, 2, 3, 4, 5]]);
  assert.equal(filled, 1);
});

Deno.test("a flattened window has the oldest reading first, each with all its columns in their order", () => {
  const columns = featureColumns("window", 3);
  assert.deepEqual(
    columns.slice(0, 3).map(({ name }) => name),
    ["engine_id", "cycle", "timestamp"],
  );
  assert.equal(columns.length, 3 + 3 * VALUE_COLUMNS.length);
  assert.deepEqual([columns[3].name, columns[20].name, columns.at(-1)!.name], [
    "altitude_t-2",
    "altitude_t-1",
    "s21_t0",
  ]);
  const { made: [, second] } = samplesOf([life(4)], 3, false);
  assert.deepEqual(columns.slice(0, 3).map(({ value }) => value(second)), ["ENGINE_001", 4, 3_000_000n]);
  assert.deepEqual(
    columns.slice(3).map(({ value }) => value(second)),
    [2, 3, 4].flatMap((cycle) => VALUE_COLUMNS.map((_, column) => cycle * 100 + column)),
  );
});

Deno.test("a label is capped where there is a cap, and beside it is what it would be without", () => {
  const labels = (cap: number | null) => {
    const { made } = samplesOf([life(4)], 1, false);
    return made.map((sample) => labelColumns(() => cap).map(({ value }) => value(sample)));
  };
  assert.deepEqual(labels(2), [
    ["ENGINE_001", 1, 2, 3],
    ["ENGINE_001", 2, 2, 2],
    ["ENGINE_001", 3, 1, 1],
    ["ENGINE_001", 4, 0, 0],
  ]);
  assert.deepEqual(labels(null).map((row) => row[2]), [3, 2, 1, 0]);
});
