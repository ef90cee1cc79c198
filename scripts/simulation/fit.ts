/**
 * What the simulator has to know of real engines, computed from a training file of C-MAPSS.
 *
 * The model of a reading, for each engine and sensor: start + shift · exp(−(cycles left) / τ) + noise. Start, shift and
 * τ of an engine are the weighted least squares fit of all its sensors at once. What that leaves of FD001 has 0.998 times
 * the variance of the noise, and at every age a mean within 0.15 of its standard deviation; only fan speed (s8, s13) is
 * 0.35 too low in the last three cycles.
 *
 * Starts and shifts of the engines lie near a space of four dimensions: a fifth has a quarter of the variance of the
 * fourth, about what the error of the estimates gives by itself. What is kept are those four factors: how each moves the
 * sensors, the quantiles of its values (they are closer to uniform than to normal), and how they go together with τ
 * and with the engine's life.
 */

import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import type { Piece } from "../cmapss/rows.ts";
import type { Calibration } from "./calibration.ts";
import { DECIMALS, SIMULATED_SENSORS } from "./calibration.ts";
import { columnMeans, covariance, eigen, inverse, type Matrix } from "../../shared/matrix.ts";

/** Factors that are kept of starts and shifts. */
const FACTORS = 4;

/** Quantiles that are kept of each factor, of τ and of life: every tenth of the way. */
const QUANTILES = 11;

/** Values of τ that are tried for each engine, in cycles: evenly on a logarithmic scale, 1.5 % apart. */
const TAUS = Array.from({ length: 201 }, (_, i) => 10 * Math.exp(i / 200 * Math.log(20)));

/**
 * Digits that are kept of each number. More would be of this sample and not of the engines; starts have more, as the
 * noise of fan speed (s8) is in the sixth digit.
 */
const DIGITS = 6;
const START_DIGITS = 8;

/** Where the sensors are in VALUE_COLUMNS. */
const PLACES = SIMULATED_SENSORS.map((sensor) => VALUE_COLUMNS.indexOf(sensor));

/** One engine's readings, in the order of its cycles. */
interface Recording {
  /** Of each cycle the values of SIMULATED_SENSORS. */
  readonly rows: number[][];
  readonly altitude: number[];
  readonly mach: number[];
}

function recordings(pieces: readonly Piece[]): Recording[] {
  const units = new Map<number, Recording>();
  for (const piece of pieces) {
    if (piece.badLines.size > 0) {
      const [bad] = piece.badLines.values();
      throw new RangeError(bad.reason);
    }
    for (let i = 0; i < piece.count; i++) {
      let unit = units.get(piece.units[i]);
      if (unit === undefined) units.set(piece.units[i], unit = { rows: [], altitude: [], mach: [] });
      unit.rows.push(PLACES.map((place) => piece.values[place][i]));
      unit.altitude.push(piece.values[0][i]);
      unit.mach.push(piece.values[1][i]);
    }
  }
  return [...units.values()];
}

interface EngineFit {
  readonly start: number[];
  readonly shift: number[];
  readonly tau: number;
  /** What the fit leaves of each reading. */
  readonly residuals: number[][];
}

/** The lines through a sensor's values over the weights of degradation, for one τ. */
function fitWith(rows: Matrix, tau: number): EngineFit {
  const life = rows.length;
  const weights = rows.map((_, i) => Math.exp(-(life - 1 - i) / tau));
  const mean = weights.reduce((sum, w) => sum + w, 0) / life;
  const spread = weights.reduce((sum, w) => sum + (w - mean) ** 2, 0);
  const means = columnMeans(rows);
  const shift = means.map((_, s) =>
    rows.reduce((sum, row, i) => sum + (weights[i] - mean) * (row[s] - means[s]), 0) / spread
  );
  const start = means.map((value, s) => value - shift[s] * mean);
  const residuals = rows.map((row, i) => row.map((value, s) => value - start[s] - shift[s] * weights[i]));
  return { start, shift, tau, residuals };
}

/** Sum of the squares of what is left, in units of the noise (Mahalanobis). */
function misfit({ residuals }: EngineFit, precision: Matrix): number {
  let sum = 0;
  for (const row of residuals) {
    for (let i = 0; i < row.length; i++) {
      for (let j = 0; j < row.length; j++) sum += row[i] * precision[i][j] * row[j];
    }
  }
  return sum;
}

function fitEngine(rows: Matrix, precision: Matrix): EngineFit {
  let best: EngineFit | undefined;
  let least = Infinity;
  for (const tau of TAUS) {
    const fit = fitWith(rows, tau);
    const left = misfit(fit, precision);
    if (left < least) [best, least] = [fit, left];
  }
  return best!;
}

/** Half of the covariance of the steps from one cycle to the next: that of the noise, whatever the trend. */
function noiseOfSteps(engines: readonly Recording[]): number[][] {
  const steps = engines.flatMap(({ rows }) =>
    rows.slice(1).map((row, i) => row.map((value, s) => (value - rows[i][s]) / Math.SQRT2))
  );
  return covariance(steps);
}

/** Variance that rounding to so many decimals adds: that of a uniform error (Sheppard 1898). */
function roundingVariance(decimals: number): number {
  return 10 ** (-2 * decimals) / 12;
}

function quantiles(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return Array.from({ length: QUANTILES }, (_, i) => {
    const place = i / (QUANTILES - 1) * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  });
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const rank = new Array<number>(values.length);
  order.forEach((index, place) => rank[index] = place);
  return rank;
}

/** Correlations of the normal numbers that have these rank correlations (Pearson 1907). */
function normalCorrelations(columns: Matrix): number[][] {
  const rank = columns.map(ranks);
  const rows = rank[0].map((_, i) => rank.map((column) => column[i]));
  const c = covariance(rows);
  return c.map((row, i) =>
    row.map((value, j) => i === j ? 1 : 2 * Math.sin(Math.PI / 6 * value / Math.sqrt(c[i][i] * c[j][j])))
  );
}

// + 0: no negative zero
const rounded = (value: number, digits = DIGITS) => Number(value.toPrecision(digits)) + 0;

/** Shares of the readings that have each value. */
function shares(values: readonly number[], decimals: number): { value: number; share: number }[] {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b).map(([value, count]) => ({
    value: Number(value.toFixed(decimals)) + 0,
    share: rounded(count / values.length),
  }));
}

/**
 * Computes the table.
 *
 * @param pieces The rows of a training file with one operating condition: `parseRows` of its bytes.
 * @throws {RangeError} When a line cannot be read, or there are too few engines to tell anything.
 */
export function fit(pieces: readonly Piece[]): Calibration {
  const engines = recordings(pieces);
  if (engines.length < 30) {
    throw new RangeError(
      `Cannot calibrate as there must be at least 30 engines: there are ${engines.length}`,
    );
  }
  const precision = inverse(noiseOfSteps(engines));
  const fits = engines.map(({ rows }) => fitEngine(rows, precision));

  // two parameters of each sensor were fitted, and one of all together
  const degrees = fits.reduce((sum, { residuals }) => sum + residuals.length - 2, 0);
  const noise = SIMULATED_SENSORS.map((a, i) =>
    SIMULATED_SENSORS.map((_, j) => {
      let sum = 0;
      for (const { residuals } of fits) for (const row of residuals) sum += row[i] * row[j];
      return sum / degrees - (i === j ? roundingVariance(DECIMALS[a]) : 0);
    })
  );
  const deviation = SIMULATED_SENSORS.map((_, i) => Math.sqrt(noise[i][i]));

  // in units of the noise, so that every sensor counts by what can be seen of it
  const scaled = fits.map(({ start, shift }) =>
    [...start, ...shift].map((value, i) => value / deviation[i % SIMULATED_SENSORS.length])
  );
  const centre = columnMeans(scaled);
  const factors = eigen(covariance(scaled)).slice(0, FACTORS);
  const scores = factors.map(({ value, vector }) =>
    scaled.map((row) => row.reduce((sum, x, i) => sum + (x - centre[i]) * vector[i], 0) / Math.sqrt(value))
  );
  const lives = engines.map(({ rows }) => rows.length);
  const logTaus = fits.map(({ tau }) => Math.log(tau));
  const perSensor = (values: readonly number[], digits = DIGITS) =>
    Object.fromEntries(
      SIMULATED_SENSORS.map((sensor, i) => [sensor, rounded(values[i], digits)]),
    ) as Calibration["start"];
  const ofStarts = (values: readonly number[]) => values.slice(0, SIMULATED_SENSORS.length);
  const ofShifts = (values: readonly number[]) => values.slice(SIMULATED_SENSORS.length);
  const inUnits = (values: readonly number[]) => values.map((value, i) => value * deviation[i]);

  const altitude = engines.flatMap((engine) => engine.altitude);
  const squares = altitude.reduce((sum, value) => sum + value * value, 0) / altitude.length;
  return {
    generated: "by deno run -A scripts/simulation/calibrate.ts train_FD001.txt; do not edit",
    engines: engines.length,
    start: perSensor(inUnits(ofStarts(centre)), START_DIGITS),
    shift: perSensor(inUnits(ofShifts(centre))),
    factors: factors.map(({ value, vector }, k) => {
      const loading = vector.map((component) => component * Math.sqrt(value));
      return {
        start: perSensor(inUnits(ofStarts(loading))),
        shift: perSensor(inUnits(ofShifts(loading))),
        quantiles: quantiles(scores[k]).map((value) => rounded(value)),
      };
    }),
    log_tau: quantiles(logTaus).map((value) => rounded(value)),
    life: quantiles(lives).map((value) => rounded(value)),
    correlations: normalCorrelations([...scores, logTaus, lives]).map((row) =>
      row.map((value) => rounded(value))
    ),
    noise: noise.map((row) => row.map((value) => rounded(value))),
    altitude_noise: rounded(Math.sqrt(squares - roundingVariance(DECIMALS.altitude))),
    mach_number_noise: shares(engines.flatMap((engine) => engine.mach), DECIMALS.mach_number),
  };
}
