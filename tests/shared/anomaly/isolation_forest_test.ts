/** The isolation forest beside that of scikit-learn 1.2.1, whose values golden/detectors.py made. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  averagePathLength,
  ForestContent,
  type ForestOptions,
  IsolationForest,
} from "../../../shared/anomaly/isolation_forest.ts";
import { rocAuc } from "../../../shared/anomaly/evaluate.ts";
import { upperQuantile } from "../../../shared/anomaly/anomaly_model.ts";
import { Random } from "../../../shared/random.ts";
import golden from "./golden/detectors.json" with { type: "json" };

const flat = (rows: readonly (readonly number[])[]) => Float64Array.from(rows.flat());

function fit(rows: readonly (readonly number[])[], options: Partial<ForestOptions> = {}): IsolationForest {
  return IsolationForest.fit(flat(rows), rows[0].length, { seed: 1, ...options });
}

/** Ranks, equal values sharing their mean rank. */
function ranks(values: ArrayLike<number>): number[] {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length;) {
    let until = from;
    while (until < order.length && values[order[until]] === values[order[from]]) until++;
    for (let i = from; i < until; i++) ranks[order[i]] = (from + until - 1) / 2;
    from = until;
  }
  return ranks;
}

/** Spearman's rank correlation. */
function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const centred = (values: number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [x, y] = [centred(ranks(a)), centred(ranks(b))];
  const product = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * q[i], 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

Deno.test("c(n) is that of scikit-learn; c(256) is 10.2448", () => {
  for (const [n, length] of golden.path_lengths) {
    assert.ok(Math.abs(averagePathLength(n) - length) < 1e-12, `${n}`);
  }
  assert.equal(averagePathLength(256).toFixed(4), "10.2448");
});

Deno.test("scores, their order and the area under the ROC curve are those of scikit-learn", async (t) => {
  for (const [name, { train, test, scores, sample_size, ...given }] of Object.entries(golden.forests)) {
    const labels = "labels" in given ? given.labels as number[] : undefined;
    for (const [trees, seeds] of [[5000, 1], [100, 5]]) {
      for (let seed = 1; seed <= seeds; seed++) {
        const ours = fit(train, { seed, trees, sampleSize: sample_size ?? undefined }).scores(flat(test));
        const difference = Math.max(...ours.map((score, i) => Math.abs(score - scores[i])));
        if (labels === undefined) {
          // nothing is drawn that could differ
          assert.ok(difference < 1e-12, `${name}: ${difference}`);
          continue;
        }
        const of = (label: number) => ours.filter((_, i) => labels[i] === label);
        const auc = rocAuc(of(1), of(0))!;
        const correlation = rankCorrelation(ours, scores);
        const { roc_auc } = given as { roc_auc: number };
        const found = `${name}, ${trees} trees: AUC ${auc.toFixed(4)} (scikit-learn's 5,000: ${
          roc_auc.toFixed(4)
        }), rank correlation ${correlation.toFixed(4)}, scores within ${difference.toFixed(4)}`;
        await t.step(found, () => {
          assert.ok(Math.abs(auc - roc_auc) <= 0.01, found);
          assert.ok(correlation >= 0.98, found);
          // a wrong divisor or depth changes neither order nor area
          if (trees === 5000) assert.ok(difference < 0.01, found);
        });
      }
    }
  }
});

Deno.test("the threshold of a contamination is that of scikit-learn", () => {
  const { scores, share, threshold } = golden.contamination;
  assert.ok(Math.abs(upperQuantile(Float64Array.from(scores), share) - threshold) < 1e-12);
});

Deno.test("identical rows are one as anomalous as the other, and so is one row alone", () => {
  const identical = fit(Array.from({ length: 300 }, () => [1, 2, 3]));
  const scores = identical.scores(flat([[1, 2, 3], [1, 2, 3], [100, 0, 0]]));
  assert.equal(new Set(scores).size, 1);
  assert.ok(Math.abs(scores[0] - 0.5) < 1e-12);
  assert.deepEqual([...fit([[1, 2]]).scores(flat([[1, 2], [7, 7]]))], [0.5, 0.5]);
  assert.throws(() => IsolationForest.fit(new Float64Array(0), 3, { seed: 1 }), {
    message: "Cannot grow a forest as there must be rows: current value is 0",
  });
});

Deno.test("a feature that is constant changes no score, as it never cuts", () => {
  const random = new Random(7);
  const rows = Array.from({ length: 500 }, () => [random.normal(), 4.2, random.normal()]);
  const test = Array.from({ length: 50 }, () => [3 * random.normal(), 3 * random.normal()]);
  const forest = fit(rows);
  assert.deepEqual(
    forest.scores(flat(test.map(([a, b]) => [a, 4.2, b]))),
    forest.scores(flat(test.map(([a, b]) => [a, -1e9, b]))),
  );
  const alone = fit(rows.map(([a, , b]) => [a, b]), { trees: 1000 }).scores(flat(test));
  const beside = fit(rows, { trees: 1000 }).scores(flat(test.map(([a, b]) => [a, 4.2, b])));
  assert.ok(Math.max(...alone.map((score, i) => Math.abs(score - beside[i]))) < 0.02);
});

Deno.test("the same seed grows the same forest, and another seed another", () => {
  const { train } = golden.forests["more rows than a sample"];
  assert.deepEqual(fit(train).toContent(), fit(train).toContent());
  assert.notDeepEqual(fit(train).toContent(), fit(train, { seed: 2 }).toContent());
});

Deno.test("a forest that was stored as JSON gives the same scores, to the last bit", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 5 }).chain((width) =>
      fc.array(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), {
          minLength: width,
          maxLength: width,
        }),
        { minLength: 1, maxLength: 60 },
      )
    ),
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    (rows, seed) => {
      const forest = fit(rows, { seed, trees: 5 });
      const restored = IsolationForest.fromContent(
        ForestContent.parse(JSON.parse(JSON.stringify(forest.toContent()))),
      );
      const scores = forest.scores(flat(rows));
      assert.deepEqual(restored.scores(flat(rows)), scores);
      assert.deepEqual(restored.toContent(), forest.toContent());
      // 2^0 only where a single cut is enough in all trees
      for (const score of scores) assert.ok(score > 0 && score <= 1, `${score}`);
    },
  ));
});

Deno.test("a forest that is not whole is refused", () => {
  const content = fit([[1, 2], [3, 4], [5, 7]]).toContent();
  const cut = (text: string) => btoa(atob(text).slice(0, -1));
  for (
    const [broken, message] of [
      [{ ...content, numbers: cut(content.numbers) }, /nodes must be whole/],
      [{ ...content, width: 1 }, /cut one of its features/],
      [{ ...content, trees: 101 }, /trees must be whole/],
      [{ ...content, trees: 99 }, /nothing must follow its last tree/],
    ] as const
  ) assert.throws(() => IsolationForest.fromContent(broken), { message });
});

Deno.test("trees are no deeper than ⌈log₂ ψ⌉ and no larger than their sample", () => {
  const random = new Random(3);
  // each value twice as large as the one before: cuts at random tell one row after the other, and would go on
  const rows = Array.from({ length: 400 }, (_, i) => [2 ** (i / 2), random.uniform()]);
  for (const sampleSize of [2, 3, 16, 17, 256, 1000]) {
    const { features, numbers } = fit(rows, { sampleSize }).toContent();
    const nodes = Uint8Array.from(atob(features), (byte) => byte.charCodeAt(0));
    const sizes = new Float32Array(Uint8Array.from(atob(numbers), (byte) => byte.charCodeAt(0)).buffer);
    const drawn = Math.min(sampleSize, rows.length);
    let deepest = 0;
    let inTree = 0;
    let trees = 0;
    const open = [0];
    nodes.forEach((feature, node) => {
      const depth = open.pop()!;
      deepest = Math.max(deepest, depth);
      if (feature !== 255) open.push(depth + 1, depth + 1);
      else inTree += sizes[node];
      if (open.length > 0) return;
      assert.equal(inTree, drawn);
      inTree = 0;
      trees++;
      open.push(0);
    });
    assert.equal(trees, 100);
    assert.equal(deepest, Math.ceil(Math.log2(drawn)));
  }
});
