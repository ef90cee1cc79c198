/** Standardising and Mahalanobis distances beside those of scikit-learn and scipy, made by golden/detectors.py. */

import assert from "node:assert/strict";
import { z } from "zod";
import { DETECTORS, LEAST_SENSORS } from "../../../shared/anomaly/detectors.ts";
import { MahalanobisContent, MahalanobisDetector } from "../../../shared/anomaly/mahalanobis.ts";
import { Standardiser, StandardiserContent } from "../../../shared/anomaly/standardiser.ts";
import { WIDTH } from "../../../shared/anomaly/reading_matrix.ts";
import { matrixOf } from "../../support/reading_matrix.ts";
import golden from "./golden/detectors.json" with { type: "json" };

type Rows = (number | null)[][];

function matrix(rows: Rows, conditions: number[]) {
  return matrixOf(rows.map((values, i) => ({ values, condition: conditions[i] })));
}

function fitted(train: ReturnType<typeof matrix>) {
  const standardiser = Standardiser.fit(train);
  return { standardiser, detector: MahalanobisDetector.fit(standardiser, standardiser.transform(train)) };
}

const stored = <T>(content: T): T => JSON.parse(JSON.stringify(content));

for (const [name, of] of Object.entries(golden.mahalanobis)) {
  Deno.test(`standardised values and distances are those of scikit-learn and scipy, to 1e-9: ${name}`, () => {
    const train = matrix(of.train, of.train_conditions);
    const test = matrix(of.test, of.test_conditions);
    const { standardiser, detector } = fitted(train);
    const constant = new Set(detector.toContent().sensors);
    standardiser.transform(test).forEach((value, at) => {
      const expected = of.standardised.flat()[at];
      // scikit-learn gives 0 for a sensor that does not vary; here it says nothing
      if (expected === null || !constant.has(at % WIDTH)) assert.ok(Number.isNaN(value));
      else {assert.ok(
          Math.abs(value - expected) < 1e-9 * Math.max(1, Math.abs(expected)),
          `${value} ${expected}`,
        );}
    });
    assert.ok(Math.abs(detector.toContent().shrinkage - of.shrinkage) < 1e-9);
    const scores = detector.scores(test);
    scores.forEach((score, i) =>
      assert.ok(Math.abs(score / of.distances[i] - 1) < 1e-9, `${score} ${of.distances[i]}`)
    );

    const again = MahalanobisDetector.fromContent(
      Standardiser.fromContent(StandardiserContent.parse(stored(standardiser.toContent()))),
      MahalanobisContent.parse(stored(detector.toContent())),
    );
    assert.deepEqual(again.scores(test), scores);
  });
}

Deno.test("a contribution is what the squared distance falls by when the sensor is left out", () => {
  const { train, train_conditions, test, test_conditions } = golden.mahalanobis["missing sensors"];
  const { detector } = fitted(matrix(train, train_conditions));
  const readings = matrix(test, test_conditions);
  /** Squared distance of the sensors that are there, without the scaling to all of them. */
  const squared = (values: (number | null)[]) => {
    const there = values.filter((value) => value !== null).length;
    return detector.scores(matrix([values], [1]))[0] ** 2 * there / WIDTH;
  };
  test.forEach((values: (number | null)[], row) => {
    const contributions = detector.contributions(readings, row);
    values.forEach((value, sensor) => {
      if (value === null) return assert.ok(Number.isNaN(contributions[sensor]));
      const fall = squared(values) - squared(values.with(sensor, null));
      assert.ok(
        Math.abs(contributions[sensor] - fall) < 1e-9 * (1 + fall),
        `${contributions[sensor]} ${fall}`,
      );
      assert.ok(contributions[sensor] >= 0);
    });
  });
});

Deno.test("nothing is said of readings with fewer than half of the sensors, nor of an unknown condition", () => {
  const { train, train_conditions, test } = golden.mahalanobis["one condition"];
  const { detector } = fitted(matrix(train, train_conditions));
  const keep = (count: number) => test[0].map((value, i) => i < count ? value : null);
  const scores = detector.scores(matrix([keep(LEAST_SENSORS), keep(LEAST_SENSORS - 1), test[0]], [1, 1, 2]));
  assert.deepEqual([...scores].map(Number.isNaN), [false, true, true]);
  assert.equal(DETECTORS.length, 3);
});

Deno.test("a condition with too few healthy readings, or in which nothing varies, is an unknown one", () => {
  const { train } = golden.mahalanobis["one condition"];
  const few = Standardiser.fit(matrix(train.slice(0, 9), Array(9).fill(1)));
  assert.ok(few.transform(matrix(train, Array(60).fill(1))).every(Number.isNaN));
  // 0.1 and 1e6 + 0.1 are no floats: the mean of equal values is another number than each of them
  const equal = Standardiser.fit(
    matrix(Array(100).fill(Array.from({ length: WIDTH }, (_, i) => i * 1e6 + 0.1)), Array(100).fill(1)),
  );
  assert.ok(equal.transform(matrix(train, Array(60).fill(1))).every(Number.isNaN));
  const nothing = fitted(matrix(Array(100).fill(train[0]), Array(100).fill(1))).detector;
  assert.deepEqual([...nothing.scores(matrix(train.slice(0, 2), [1, 1]))], [NaN, NaN]);
  assert.ok(z.safeParse(MahalanobisContent, stored(nothing.toContent())).success);
});
