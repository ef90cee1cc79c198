/** Mahalanobis distance: how far a reading is from healthy ones, given which of their deviations go together. */

import { z } from "zod";
import { inverse } from "../matrix.ts";
import { comparable, type Detector, LEAST_SENSORS } from "./detectors.ts";
import { type ReadingMatrix, selectRows, WIDTH } from "./reading_matrix.ts";
import type { Standardiser } from "./standardiser.ts";

export const MahalanobisContent = z.object({
  /** Places of the sensors that varied among healthy readings. */
  sensors: z.array(z.int().min(0).max(WIDTH - 1)),
  covariance: z.array(z.array(z.number())),
  shrinkage: z.number(),
});

/** Of a set of sensors: the inverse of their covariance, flat. */
interface Precision {
  readonly sensors: readonly number[];
  readonly values: Float64Array;
}

/**
 * Covariance of rows of mean 0, shrunk towards a multiple of the identity as Ledoit & Wolf (2004) do: as far as it has to
 * be for the rows there are, which is next to nothing for thousands of readings, and enough to have an inverse where
 * there are few of them or some sensors follow from others.
 *
 * @param rows Deviations row by row, `WIDTH` a row, 0 where there is none.
 * @param columns Which of them; none of them is constant.
 */
export function shrunkCovariance(
  rows: Float64Array,
  columns: readonly number[],
): { covariance: number[][]; shrinkage: number } {
  const n = rows.length / WIDTH;
  const p = columns.length;
  const products = columns.map(() => new Float64Array(p));
  let fourth = 0; // sum over rows of the squared square length, which is that of all squared products
  for (let at = 0; at < rows.length; at += WIDTH) {
    let squares = 0;
    for (let i = 0; i < p; i++) {
      const value = rows[at + columns[i]];
      squares += value * value;
      for (let j = 0; j <= i; j++) products[i][j] += value * rows[at + columns[j]];
    }
    fourth += squares * squares;
  }
  const covariance = columns.map((_, i) =>
    columns.map((_, j) => products[Math.max(i, j)][Math.min(i, j)] / n)
  );
  const mean = covariance.reduce((sum, row, i) => sum + row[i], 0) / p;
  const squared = covariance.flat().reduce((sum, value) => sum + value * value, 0);
  const distance = (squared - p * mean * mean) / p;
  const spread = Math.min((fourth / n - squared) / (p * n), distance);
  const shrinkage = spread > 0 ? spread / distance : 0;
  return {
    covariance: covariance.map((row, i) =>
      row.map((value, j) => (1 - shrinkage) * value + (i === j ? shrinkage * mean : 0))
    ),
    shrinkage,
  };
}

/**
 * Distance from the mean of healthy readings of the same operating condition, with one covariance for all conditions: that
 * of the deviations within them. Readings that lack sensors are judged by the distribution of those that they have, and
 * their squared distance is scaled to what it would be of all sensors, so that one threshold holds for both.
 */
export class MahalanobisDetector implements Detector {
  /** By the set of sensors, as bits. */
  private readonly precisions = new Map<number, Precision>();

  private constructor(
    private readonly standardiser: Standardiser,
    private readonly sensors: readonly number[],
    private readonly covariance: readonly (readonly number[])[],
    private readonly shrinkage: number,
  ) {}

  /** @param deviations Of healthy readings, as the standardiser gives them. */
  static fit(standardiser: Standardiser, deviations: Float64Array): MahalanobisDetector {
    const rows = deviations.map((deviation) => Number.isNaN(deviation) ? 0 : deviation);
    const sensors = Array.from({ length: WIDTH }, (_, i) => i).filter((i) => {
      for (let at = i; at < rows.length; at += WIDTH) if (rows[at] !== 0) return true;
      return false;
    });
    const { covariance, shrinkage } = shrunkCovariance(rows, sensors);
    return new MahalanobisDetector(standardiser, sensors, covariance, shrinkage);
  }

  /** @param content What `toContent` gave. */
  static fromContent(
    standardiser: Standardiser,
    { sensors, covariance, shrinkage }: z.output<typeof MahalanobisContent>,
  ): MahalanobisDetector {
    return new MahalanobisDetector(standardiser, sensors, covariance, shrinkage);
  }

  /** What it is made of besides its standardiser, for JSON. */
  toContent(): z.input<typeof MahalanobisContent> {
    return {
      sensors: [...this.sensors],
      covariance: this.covariance.map((row) => [...row]),
      shrinkage: this.shrinkage,
    };
  }

  scores(readings: ReadingMatrix): Float64Array {
    const deviations = this.standardiser.transform(readings);
    return Float64Array.from({ length: readings.rows }, (_, row) => {
      if (comparable(deviations, row) < LEAST_SENSORS) return NaN;
      const { sensors, values } = this.precision(deviations, row);
      const size = sensors.length;
      let squared = 0;
      for (let i = 0; i < size; i++) {
        const value = deviations[row * WIDTH + sensors[i]];
        let product = values[i * size + i] * value / 2;
        for (let j = 0; j < i; j++) product += values[i * size + j] * deviations[row * WIDTH + sensors[j]];
        squared += 2 * value * product; // symmetric: each pair once
      }
      return Math.sqrt(squared * this.sensors.length / size);
    });
  }

  /**
   * How far the squared distance falls when the sensor is left out: what it says that the others do not say already.
   */
  contributions(readings: ReadingMatrix, row: number): Float64Array {
    const deviations = this.standardiser.transform(selectRows(readings, [row]));
    const contributions = new Float64Array(WIDTH).fill(NaN);
    const { sensors, values } = this.precision(deviations, 0);
    const size = sensors.length;
    sensors.forEach((sensor, i) => {
      let product = 0;
      for (let j = 0; j < size; j++) product += values[i * size + j] * deviations[sensors[j]];
      contributions[sensor] = product * product / values[i * size + i];
    });
    return contributions;
  }

  /** Of the sensors that a row has. */
  private precision(deviations: Float64Array, row: number): Precision {
    let set = 0;
    for (const sensor of this.sensors) {
      if (!Number.isNaN(deviations[row * WIDTH + sensor])) set |= 1 << sensor;
    }
    let precision = this.precisions.get(set);
    if (precision === undefined) {
      const places = this.sensors.flatMap((sensor, place) => set & (1 << sensor) ? [place] : []);
      precision = {
        sensors: places.map((place) => this.sensors[place]),
        values: Float64Array.from(
          places.length === 0
            ? []
            : inverse(places.map((i) => places.map((j) => this.covariance[i][j]))).flat(),
        ),
      };
      this.precisions.set(set, precision);
    }
    return precision;
  }
}
