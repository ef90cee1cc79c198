/** Mean |z| against an engine's own baseline. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { thresholdFor } from "../../../shared/anomaly/anomaly_model.ts";
import { LEAST_SENSORS } from "../../../shared/anomaly/detectors.ts";
import { healthyMeanAbsZ, meanAbsZ } from "../../../shared/anomaly/mean_abs_z.ts";
import { LEAST_BASELINE_READINGS } from "../../../shared/anomaly/read_matrix.ts";
import { WIDTH } from "../../../shared/anomaly/reading_matrix.ts";
import { Random } from "../../../shared/random.ts";
import { baselineOf, matrixEngine, matrixOf, type MatrixRow } from "../../support/reading_matrix.ts";

const baseline = {
  mean: Float64Array.from({ length: WIDTH }, (_, i) => 10 * i),
  sd: Float64Array.from({ length: WIDTH }, (_, i) => i + 1),
  readings: new Int32Array(WIDTH).fill(100),
};
/** A row that is z standard deviations off, sensor by sensor. */
const off = (z: (sensor: number) => number | null) =>
  Array.from({ length: WIDTH }, (_, i) => {
    const deviation = z(i);
    return deviation === null ? null : 10 * i + deviation * (i + 1);
  });

Deno.test("the score is the mean of |z| over the sensors that gave a value", () => {
  const engines = [matrixEngine(0, new Map([[1, baseline]]), 100), matrixEngine(1)];
  const cycle = 101;
  const readings = matrixOf([
    { cycle, values: off(() => 0) },
    { cycle, values: off((i) => i % 2 === 0 ? 3 : -1) },
    { cycle, values: off((i) => i < LEAST_SENSORS ? -i : null) },
    { cycle, values: off((i) => i < LEAST_SENSORS - 1 ? 9 : null) }, // too few sensors
    { cycle, values: off(() => 9), condition: 2 }, // no baseline in the condition
    { cycle, values: off(() => 9), engine: 1 }, // nor of the engine
    { cycle: 100, values: off(() => 9) }, // of the baseline itself
  ], engines);
  assert.deepEqual([...meanAbsZ.scores(readings)], [0, 2, 3, NaN, NaN, NaN, NaN]);
  assert.deepEqual(
    [...meanAbsZ.contributions(readings, 2)],
    Array.from({ length: WIDTH }, (_, i) => i < LEAST_SENSORS ? i : NaN),
  );
  assert.ok(meanAbsZ.contributions(readings, 5).every(Number.isNaN));
});

Deno.test("a healthy reading of the baseline is scored by the baseline of the others", () => {
  const value = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 6000, max: 6400 }) }, {
    weight: 1,
    arbitrary: fc.constant(null),
  });
  fc.assert(fc.property(
    fc.array(fc.array(value, { minLength: WIDTH, maxLength: WIDTH }), {
      minLength: LEAST_BASELINE_READINGS + 1,
      maxLength: 40,
    }),
    (values) => {
      const rows = values.map((values): MatrixRow => ({ values }));
      const known = (rows: MatrixRow[]) => {
        const { mean, sd, readings } = baselineOf(rows);
        const none = (i: number) => readings[i] < LEAST_BASELINE_READINGS || !(sd[i] > 1e-3);
        return {
          mean: mean.map((x, i) => none(i) ? NaN : x),
          sd: sd.map((x, i) => none(i) ? NaN : x),
          readings,
        };
      };
      const whole = [matrixEngine(0, new Map([[1, known(rows)]]), rows.length)];
      const scores = healthyMeanAbsZ(matrixOf(rows, whole));
      rows.forEach((row, i) => {
        const others = [matrixEngine(0, new Map([[1, known(rows.toSpliced(i, 1))]]), 0)];
        const [expected] = meanAbsZ.scores(matrixOf([row], others));
        if (Number.isNaN(expected)) assert.ok(Number.isNaN(scores[i]));
        else assert.ok(Math.abs(scores[i] / expected - 1) < 1e-6, `${scores[i]} ${expected}`);
      });
    },
  ));
});

Deno.test("a healthy reading after the baseline is scored as any other", () => {
  const engines = [matrixEngine(0, new Map([[1, baseline]]), 1)];
  const readings = matrixOf([{ values: off(() => 1) }, { values: off(() => 1) }], engines);
  const [own, later] = healthyMeanAbsZ(readings);
  assert.ok(own > 1);
  assert.equal(later, 1);
});

Deno.test("a threshold calibrated on the baseline's own readings holds for later ones, as short as baselines may be", () => {
  const random = new Random(4);
  for (const readings of [16, 100]) {
    const own: MatrixRow[] = [];
    const later: MatrixRow[] = [];
    const engines = Array.from({ length: 3000 / readings }, (_, engine) => {
      const rows = Array.from({ length: 2 * readings }, (_, i): MatrixRow => ({
        engine,
        cycle: i + 1,
        values: Array.from({ length: WIDTH }, () => 50 + random.normal()),
      }));
      own.push(...rows.slice(0, readings));
      later.push(...rows.slice(readings));
      return matrixEngine(engine, new Map([[1, baselineOf(rows.slice(0, readings))]]), readings);
    });
    const above = (threshold: number) =>
      meanAbsZ.scores(matrixOf(later, engines)).filter((score) => score > threshold).length / later.length;
    const held = above(thresholdFor(healthyMeanAbsZ(matrixOf(own, engines)), 0.02));
    assert.ok(held > 0.01 && held < 0.03, `${readings}: ${held}`);
    // the control: as if the readings had been new to the baseline
    const newToIt = engines.map((engine) => ({ ...engine, baselineUntil: 0 }));
    const inSample = above(thresholdFor(meanAbsZ.scores(matrixOf(own, newToIt)), 0.02));
    if (readings === 16) assert.ok(inSample > 0.06, `${inSample}`);
  }
});
