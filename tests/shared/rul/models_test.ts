/** Trees and ridge regression beside scikit-learn. */

import assert from "node:assert/strict";
import { growTrees, predictWithTrees } from "../../../shared/rul/regression_trees.ts";
import { fitRidge } from "../../../shared/rul/ridge.ts";

interface Case {
  readonly settings: {
    readonly trees: number;
    readonly depth: number;
    readonly learningRate: number;
    readonly leafRows: number;
  };
  readonly train: readonly (number | null)[];
  readonly targets: readonly number[];
  readonly predicted: readonly number[];
}

const golden: {
  readonly tree: Case;
  readonly boosting: Case;
  readonly missing: Case;
  readonly ridge: {
    readonly columns: number;
    readonly values: readonly number[];
    readonly targets: readonly number[];
    readonly fitted: readonly { penalty: number; intercept: number; weights: readonly number[] }[];
  };
} = JSON.parse(await Deno.readTextFile(new URL("golden/models.json", import.meta.url)));

const COLUMNS = 4;
const WHOLE = { rowShare: 1, columnShare: 1, bins: 255, seed: 1 };

function tableOf(values: readonly (number | null)[], columns = COLUMNS) {
  return {
    rows: values.length / columns,
    columns,
    values: Float64Array.from(values, (value) => value ?? NaN),
  };
}

/** The largest difference of two lists of numbers. */
function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}

for (
  const [name, reference] of [
    ["tree", "DecisionTreeRegressor"],
    ["boosting", "GradientBoostingRegressor"],
    ["missing", "HistGradientBoostingRegressor, where values are missing"],
  ] as const
) {
  Deno.test(`trees predict what scikit-learn's ${reference} predicts`, async (t) => {
    const { train, targets, predicted, settings } = golden[name];
    const trees = growTrees(tableOf(train), Float64Array.from(targets), { ...WHOLE, ...settings });
    const found = predictWithTrees(trees, tableOf(train));
    const difference = largest(found, predicted);
    // thresholds and leaves are kept with 7 digits
    await t.step(
      `the largest difference is ${difference.toExponential(1)} of ${Math.max(...predicted).toFixed(0)}`,
      () => assert.ok(difference < 1e-4),
    );
    // the control: a depth less is another model
    const shallower = growTrees(tableOf(train), Float64Array.from(targets), {
      ...WHOLE,
      ...settings,
      depth: settings.depth - 1,
    });
    assert.ok(largest(predictWithTrees(shallower, tableOf(train)), predicted) > 0.1);
  });
}

Deno.test("ridge regression has scikit-learn's weights, also where two columns are nearly the same", () => {
  const { columns, values, targets, fitted } = golden.ridge;
  for (const { penalty, intercept, weights } of fitted) {
    const model = fitRidge(Float64Array.from(values), columns, Float64Array.from(targets), penalty);
    assert.ok(largest(model.weights, weights) < 1e-8, `penalty ${penalty}`);
    assert.ok(Math.abs(model.intercept - intercept) < 1e-8);
  }
});

Deno.test("trees that were written and read again predict the same, to the last bit", () => {
  const { train, targets, settings } = golden.missing;
  const trees = growTrees(tableOf(train), Float64Array.from(targets), { ...WHOLE, ...settings });
  const read = JSON.parse(JSON.stringify(trees));
  assert.deepEqual(read, trees);
  assert.deepEqual(predictWithTrees(read, tableOf(train)), predictWithTrees(trees, tableOf(train)));
});

Deno.test("each setting of the trees changes them, and the seed does where rows or columns are drawn", () => {
  const { train, targets, settings } = golden.boosting;
  const grown = (changed: object) =>
    growTrees(tableOf(train), Float64Array.from(targets), { ...WHOLE, ...settings, ...changed });
  const base = grown({});
  for (
    const changed of [
      { trees: 39 },
      { depth: 2 },
      { learningRate: 0.11 },
      { leafRows: 10 },
      { rowShare: 0.5 },
      { columnShare: 0.5 },
      { bins: 16 },
    ]
  ) {
    assert.notDeepEqual(grown(changed), base, JSON.stringify(changed));
  }
  assert.deepEqual(grown({ seed: 2 }), base);
  const drawn = { rowShare: 0.5, columnShare: 0.5 };
  assert.deepEqual(grown(drawn), grown(drawn));
  assert.notDeepEqual(grown({ ...drawn, seed: 2 }), grown(drawn));
});

Deno.test("with nothing to split by, everything is predicted to be the mean", () => {
  const targets = Float64Array.of(1, 2, 6);
  for (
    const values of [[], [7, 7, 7], [null, null, null]]
  ) {
    const table = { ...tableOf(values, 1), rows: 3, columns: values.length / 3 };
    const trees = growTrees(table, targets, { ...WHOLE, trees: 3, depth: 2, learningRate: 1, leafRows: 1 });
    assert.deepEqual([...predictWithTrees(trees, table)], [3, 3, 3]);
  }
  const one = tableOf([5], 1);
  const trees = growTrees(one, Float64Array.of(4), {
    ...WHOLE,
    trees: 2,
    depth: 2,
    learningRate: 0.1,
    leafRows: 1,
  });
  assert.deepEqual([...predictWithTrees(trees, one)], [4]);
});
