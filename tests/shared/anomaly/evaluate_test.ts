/** The area under the ROC curve beside scikit-learn's, and how an evaluation counts. */

import assert from "node:assert/strict";
import { AnomalyModel } from "../../../shared/anomaly/anomaly_model.ts";
import { Evaluation, rocAuc } from "../../../shared/anomaly/evaluate.ts";
import { Random } from "../../../shared/random.ts";
import { WIDTH } from "../../../shared/anomaly/reading_matrix.ts";
import { baselineOf, matrixEngine, matrixOf, type MatrixRow } from "../../support/reading_matrix.ts";
import golden from "./golden/detectors.json" with { type: "json" };

Deno.test("the area under the ROC curve is that of scikit-learn, ties included", () => {
  for (const [name, { positives, negatives, roc_auc }] of Object.entries(golden.roc_auc)) {
    assert.ok(Math.abs(rocAuc(positives, negatives)! - roc_auc) < 1e-12, name);
  }
  assert.equal(rocAuc([], [1]), null);
  assert.equal(rocAuc([1], []), null);
});

Deno.test("an evaluation counts what is above the model's threshold, and only what was scored", () => {
  const random = new Random(5);
  const rows = (engine: number, count: number, shift: number, first = 1): MatrixRow[] =>
    Array.from({ length: count }, (_, i) => ({
      engine,
      cycle: first + i,
      values: Array.from({ length: WIDTH }, () => shift + random.normal()),
    }));
  const known = Array.from({ length: 6 }, (_, engine) => rows(engine, 60, 0));
  const engines = known.map((rows, i) => matrixEngine(i, new Map([[1, baselineOf(rows)]]), 60));
  const model = AnomalyModel.fit(matrixOf(known.flat(), engines), { seed: 1, falseAlarmRate: 0.05 });

  const unseen = [rows(0, 60, 0), rows(1, 60, 0)];
  const unseenEngines = unseen.map((rows, i) => matrixEngine(10 + i, new Map([[1, baselineOf(rows)]]), 60));
  const healthy = matrixOf(unseen.flat(), unseenEngines);
  const failing = matrixOf([
    ...rows(0, 20, 20, 100), // nobody can miss these
    ...rows(1, 20, 0, 100), // nor find these
    { engine: 1, cycle: 130, values: Array(WIDTH).fill(null) }, // nor say anything of this one
  ], unseenEngines);
  const evaluation = new Evaluation();
  evaluation.add(model, { healthy, failing });
  const result = evaluation.result(model.thresholds);
  for (const [name, found] of Object.entries(result)) {
    const scores = model.scoresOfHealthy(name as "mahalanobis", healthy);
    const falseAlarms = scores.filter((score) => score > found.threshold).length;
    const late = model.detectors[name as "mahalanobis"].scores(failing);
    const above = late.filter((score) => score > found.threshold).length;
    assert.equal(found.falseAlarmRate, falseAlarms / 120);
    assert.equal(found.recall, above / 40);
    assert.equal(found.precision, above / (above + falseAlarms));
    assert.ok(above >= 20 && above < 25 && falseAlarms < 20, `${name}: ${above} ${falseAlarms}`);
    assert.ok(found.rocAuc! > 0.7 && found.rocAuc! < 0.8, `${name}: ${found.rocAuc}`);
  }

  const healthyOnly = new Evaluation();
  healthyOnly.add(model, { healthy, failing: matrixOf([], unseenEngines) });
  const { rocAuc: area, precision, recall, falseAlarmRate } =
    healthyOnly.result(model.thresholds).isolation_forest;
  assert.deepEqual([area, precision, recall, typeof falseAlarmRate], [null, null, null, "number"]);
});
