/** One simulated engine: what it measures, cycle by cycle, until it fails. */

import type { Reading } from "../../shared/reading.ts";
import { CALIBRATION, DECIMALS, SIMULATED_SENSORS, type SimulatedSensor } from "./calibration.ts";
import { type Condition, SEA_LEVEL, SIX_CONDITIONS } from "./conditions.ts";
import { cholesky } from "../../shared/matrix.ts";
import { Random } from "../../shared/random.ts";

/** What wears out: the high-pressure compressor, or the fan. */
export type FaultMode = "hpc" | "fan";

/** What an engine is like, beyond its own numbers. */
export interface EngineOptions {
  /** Operating conditions it flies: sea level alone, as FD001 and FD003, or six, as FD002 and FD004. */
  readonly conditions: 1 | 6;
  /** What its fleet dies of; of `both`, each engine has one or the other, as in FD003 and FD004. */
  readonly faultMode: FaultMode | "both";
}

/**
 * End-of-life shifts of the fan's fault where they differ from the compressor's, in the units of the sensors.
 *
 * Known: the fault lowers the bypass ratio (s15); and the published FD003 and FD004 reach further than FD001 and FD002
 * in these seven columns, on the sides that the signs say (the ranges of standard_expectations.sql). Assumed: the
 * sizes, chosen so that the furthest engines reach the ends of those ranges less the third that they are widened by;
 * that the other sensors, which get no further there, shift as in the compressor's fault; and the same course of wear.
 */
const FAN_SHIFT: Partial<Record<SimulatedSensor, number>> = {
  s7: 12,
  s8: -0.85,
  s12: 11.5,
  s13: -0.85,
  s15: -0.2,
  s20: 0.6,
  s21: 0.4,
};

/** The fan's shifts of an engine are the mean ones times one factor, evenly from 1 minus to 1 plus this. */
const FAN_SPREAD = 0.2;

const COUNT = SIMULATED_SENSORS.length;
const { factors, correlations, noise } = CALIBRATION;

/** Rows of the lower triangle one after another: a product with it is one pass over the array. */
function packedTriangle(lower: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(lower.flatMap((row, i) => row.slice(0, i + 1)));
}

const TRAITS = cholesky(correlations);
const NOISE = packedTriangle(cholesky(noise));
const SCALE = Float64Array.from(SIMULATED_SENSORS, (sensor) => 10 ** DECIMALS[sensor]);
const ALTITUDE_SCALE = 10 ** DECIMALS.altitude;
const MACH_SCALE = 10 ** DECIMALS.mach_number;

/** Noise of the Mach number by the thousandth of its distribution, so that a draw is one look. */
const MACH_NOISE = ((steps: number) => {
  const { mach_number_noise: shares } = CALIBRATION;
  let index = 0;
  let sum = shares[0].share;
  return Float64Array.from({ length: steps }, (_, step) => {
    while (sum < (step + 0.5) / steps && index < shares.length - 1) sum += shares[++index].share;
    return shares[index].value;
  });
})(1000);

/** The standard normal distribution function, to 1e-7 (Abramowitz & Stegun 1964, 26.2.17). */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = 0.3989422804014327 * Math.exp(-0.5 * z * z) * t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z < 0 ? tail : 1 - tail;
}

/** The value below which a share of the engines lies. */
function quantile(values: readonly number[], share: number): number {
  const place = share * (values.length - 1);
  const below = Math.min(Math.floor(place), values.length - 2);
  return values[below] + (place - below) * (values[below + 1] - values[below]);
}

/** Standard deviation of a sensor's noise at sea level, in its unit. */
export const NOISE_DEVIATION: Float64Array = Float64Array.from(noise, (row, i) => Math.sqrt(row[i]));

/** Scratch of one reading; an engine needs its values no longer than a call. */
const values = new Float64Array(COUNT);
const independent = new Float64Array(COUNT);

/**
 * An engine of its own: everything about it follows from the seed and its number, and nothing from the size of the
 * fleet or from which others there are.
 */
export class Engine {
  /** Cycles from new to failure. */
  readonly life: number;
  readonly faultMode: FaultMode;
  /** Cycles it has flown. */
  cycle = 0;
  /** Condition of the latest reading. */
  condition: Condition = SEA_LEVEL;

  private readonly random: Random;
  private readonly start = new Float64Array(COUNT);
  private readonly shift = new Float64Array(COUNT);
  private readonly tau: number;
  private readonly flown: readonly Condition[];

  /**
   * @param unitNumber Its public name.
   * @param number Which one of the fleet's it is, from 1.
   */
  constructor(readonly unitNumber: string, seed: number, number: number, options: EngineOptions) {
    const random = this.random = new Random(seed, number);
    // drawn whether used or not, so that the same engine with the other fault differs in nothing else
    const normals = TRAITS.map(() => random.normal());
    const isFan = random.uniform() < 0.5;
    const fanSize = 1 + FAN_SPREAD * (2 * random.uniform() - 1);

    const shares = TRAITS.map((row) =>
      normalShare(row.reduce((sum, weight, i) => sum + weight * normals[i], 0))
    );
    this.tau = Math.exp(quantile(CALIBRATION.log_tau, shares[factors.length]));
    this.life = Math.round(quantile(CALIBRATION.life, shares[factors.length + 1]));
    this.faultMode = options.faultMode === "both" ? isFan ? "fan" : "hpc" : options.faultMode;
    this.flown = options.conditions === 6 ? SIX_CONDITIONS : [SEA_LEVEL];

    const scores = factors.map((factor, k) => quantile(factor.quantiles, shares[k]));
    for (const [i, sensor] of SIMULATED_SENSORS.entries()) {
      this.start[i] = CALIBRATION.start[sensor];
      this.shift[i] = CALIBRATION.shift[sensor];
      for (const [k, factor] of factors.entries()) {
        this.start[i] += scores[k] * factor.start[sensor];
        this.shift[i] += scores[k] * factor.shift[sensor];
      }
      const fanShift = FAN_SHIFT[sensor];
      if (this.faultMode === "fan" && fanShift !== undefined) this.shift[i] = fanSize * fanShift;
    }
  }

  /** Whether its life is over: it gives no more readings. */
  get failed(): boolean {
    return this.cycle >= this.life;
  }

  /** Flies the next cycle. */
  fly(timestamp: string): Reading {
    const { random, start, shift } = this;
    this.cycle++;
    const wear = Math.exp((this.cycle - this.life) / this.tau);
    const condition = this.condition = this.flown.length === 1
      ? this.flown[0]
      : this.flown[Math.floor(random.uniform() * this.flown.length)];
    const { centre, stretch } = condition;

    for (let i = 0; i < COUNT; i++) independent[i] = random.normal();
    for (let i = 0, at = 0; i < COUNT; i++) {
      let value = start[i] + shift[i] * wear;
      for (let k = 0; k <= i; k++) value += NOISE[at++] * independent[k];
      if (condition !== SEA_LEVEL) value = centre[i] + stretch[i] * (value - SEA_LEVEL.centre[i]);
      values[i] = Math.round(value * SCALE[i]) / SCALE[i];
    }
    // + 0: no negative zero, which JSON would lose
    const altitude = Math.round(
          (condition.altitude + CALIBRATION.altitude_noise * random.normal()) * ALTITUDE_SCALE,
        ) / ALTITUDE_SCALE + 0;
    const machNumber = Math.round(
          (condition.machNumber + MACH_NOISE[Math.floor(random.uniform() * MACH_NOISE.length)]) * MACH_SCALE,
        ) / MACH_SCALE + 0;
    return {
      engine_id: this.unitNumber,
      cycle: this.cycle,
      timestamp,
      altitude,
      mach_number: machNumber,
      tra: condition.tra,
      s2: values[0],
      s3: values[1],
      s4: values[2],
      s7: values[3],
      s8: values[4],
      s9: values[5],
      s11: values[6],
      s12: values[7],
      s13: values[8],
      s14: values[9],
      s15: values[10],
      s17: values[11],
      s20: values[12],
      s21: values[13],
    };
  }
}
