/** How much one fleet is like another: what the simulator is judged by. */

import { SENSORS, VALUE_COLUMNS } from "../../shared/sensors.ts";
import { areaUnderCurve, learnToTell } from "./boosted_trees.ts";

/** The readings of a fleet: one list an engine, in the order of its cycles until failure, values as VALUE_COLUMNS. */
export type Lives = readonly (readonly (readonly number[])[])[];

const FIRST_SENSOR = VALUE_COLUMNS.length - SENSORS.length;

/** Kolmogorov-Smirnov D of two samples: the largest difference of their distribution functions. */
export function ksDistance(a: readonly number[], b: readonly number[]): number {
  const x = Float64Array.from(a).sort();
  const y = Float64Array.from(b).sort();
  let distance = 0;
  for (let i = 0, j = 0; i < x.length && j < y.length;) {
    const value = Math.min(x[i], y[j]);
    while (i < x.length && x[i] === value) i++;
    while (j < y.length && y[j] === value) j++;
    distance = Math.max(distance, Math.abs(i / x.length - j / y.length));
  }
  return distance;
}

/** Of each of VALUE_COLUMNS. */
export function ksDistances(a: Lives, b: Lives): Record<string, number> {
  const [x, y] = [a.flat(), b.flat()];
  return Object.fromEntries(
    VALUE_COLUMNS.map((column, i) => [column, ksDistance(x.map((row) => row[i]), y.map((row) => row[i]))]),
  );
}

function sensorCorrelations(lives: Lives): number[][] {
  const rows = lives.flat();
  const columns = SENSORS.map((_, i) => {
    const values = Float64Array.from(rows, (row) => row[FIRST_SENSOR + i]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const centred = values.map((value) => value - mean);
    const length = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0));
    return centred.map((value) => value / length);
  });
  return columns.map((a) => columns.map((b) => a.reduce((sum, value, i) => sum + value * b[i], 0)));
}

/** The largest difference between the correlations of any two sensors. */
export function correlationDifference(a: Lives, b: Lives): number {
  const [x, y] = [sensorCorrelations(a), sensorCorrelations(b)];
  return Math.max(...x.flatMap((row, i) => row.map((value, j) => Math.abs(value - y[i][j]))));
}

/** Readings before failure that count as degraded, and from how many on an engine counts as healthy. */
const DEGRADED = 30;
const HEALTHY = 125;

/** By sensor: mean of the last 30 readings before failure less that of the readings with more than 125 left. */
export function degradation(lives: Lives): Record<string, number> {
  const degraded = lives.flatMap((life) => life.slice(-DEGRADED));
  const healthy = lives.flatMap((life) => life.slice(0, -HEALTHY - 1));
  const mean = (rows: readonly (readonly number[])[], i: number) =>
    rows.reduce((sum, row) => sum + row[i], 0) / rows.length;
  return Object.fromEntries(
    SENSORS.map((sensor, i) => [sensor, mean(degraded, FIRST_SENSOR + i) - mean(healthy, FIRST_SENSOR + i)]),
  );
}

/**
 * How well a classifier tells rows of one fleet from rows of the other: 0.5 not at all, 1 always. It learns on every
 * other engine and is tried on the rest, and the other way round.
 */
export function discriminability(a: Lives, b: Lives): number {
  const half = (lives: Lives, parity: number) => lives.filter((_, i) => i % 2 === parity).flat();
  const areas = [0, 1].map((parity) => {
    const score = learnToTell(half(a, parity), half(b, parity));
    return areaUnderCurve(half(a, 1 - parity).map(score), half(b, 1 - parity).map(score));
  });
  return (areas[0] + areas[1]) / 2;
}
