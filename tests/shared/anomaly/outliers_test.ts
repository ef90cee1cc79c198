/** Which readings are left out of what healthy ones are learned from. */

import assert from "node:assert/strict";
import { withoutOutliers } from "../../../shared/anomaly/outliers.ts";
import { WIDTH } from "../../../shared/anomaly/reading_matrix.ts";
import { Random } from "../../../shared/random.ts";
import { matrixOf, type MatrixRow } from "../../support/reading_matrix.ts";

/** Engines that differ by more than their noise, in two conditions of different sizes; the first sensor is constant. */
function rows(seed: number): MatrixRow[] {
  const random = new Random(seed);
  return Array.from({ length: 100 }, (_, engine) => {
    const offsets = Array.from({ length: WIDTH }, () => 20 * random.normal());
    return Array.from({ length: 50 }, (_, i): MatrixRow => {
      const condition = 1 + i % 2;
      return {
        engine,
        condition,
        cycle: i + 1,
        values: offsets.map((offset, sensor) =>
          sensor === 0 ? 5 : condition * (1000 + offset + random.normal())
        ),
      };
    });
  }).flat();
}

const change = (rows: MatrixRow[], at: number, sensor: number, value: (before: number) => number | null) =>
  rows.with(at, { ...rows[at], values: rows[at].values.with(sensor, value(rows[at].values[sensor]!)) });

Deno.test("noise is no outlier, however much engines and conditions differ", () => {
  for (const seed of [1, 2, 3]) {
    const readings = matrixOf(rows(seed));
    assert.deepEqual(withoutOutliers(readings), readings);
  }
});

Deno.test("a reading with a value that noise does not give is left out, and only that one", () => {
  const healthy = rows(1);
  const without = (spiked: MatrixRow[]) => withoutOutliers(matrixOf(spiked));
  // eight standard deviations, by condition: 8 in the first, 16 in the second; a row's place says its condition
  for (const [at, size] of [[100, 9], [101, 18], [4998, -9]]) {
    const { rows: kept, cycles, engineOf } = without(change(healthy, at, 3, (value) => value + size));
    assert.equal(kept, healthy.length - 1);
    const left = Array.from({ length: kept }, (_, row) => `${engineOf[row]} ${cycles[row]}`);
    assert.ok(!left.includes(`${healthy[at].engine} ${healthy[at].cycle}`));
  }
  // what is an outlier in the first condition is noise in the second
  assert.equal(without(change(healthy, 101, 3, (value) => value + 4)).rows, healthy.length);
});

Deno.test("missing values and sensors that hardly ever vary leave nothing out", () => {
  const lacking = change(change(rows(1), 7, 4, () => null), 8, 0, () => 6);
  assert.equal(withoutOutliers(matrixOf(lacking)).rows, lacking.length);
  assert.equal(withoutOutliers(matrixOf([])).rows, 0);
  const nothing = rows(1).map((row) => ({ ...row, values: row.values.map(() => null) }));
  assert.equal(withoutOutliers(matrixOf(nothing)).rows, nothing.length);
});
