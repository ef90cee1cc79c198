/** The numbers that the simulator has of real engines: what calibration.json means. */

import type { SETTINGS } from "../../shared/sensors.ts";
import table from "./calibration.json" with { type: "json" };

/** Sensors that the simulator has numbers of, in the order of C-MAPSS; of any other it gives no value. */
export const SIMULATED_SENSORS = Object.keys(table.start) as SimulatedSensor[];
export type SimulatedSensor = keyof typeof table.start;

type BySensor = Readonly<Record<SimulatedSensor, number>>;

/** Decimals that C-MAPSS gives of each column: the resolution of its sensor. */
export const DECIMALS: Readonly<Record<(typeof SETTINGS)[number] | SimulatedSensor, number>> = {
  altitude: 4,
  mach_number: 4,
  tra: 1,
  s2: 2,
  s3: 2,
  s4: 2,
  s7: 2,
  s8: 2,
  s9: 2,
  s11: 2,
  s12: 2,
  s13: 2,
  s14: 2,
  s15: 4,
  s17: 0,
  s20: 2,
  s21: 4,
};

/** Of the training engines of FD001, which fly at sea level and whose high-pressure compressor wears out. */
export interface Calibration {
  readonly generated: string;
  /** How many engines it was computed from. */
  readonly engines: number;
  /** Mean of the engines when they are new, in the unit of each sensor. */
  readonly start: BySensor;
  /** Mean change until the end of life. */
  readonly shift: BySensor;
  /** What engines differ in. Starts and shifts of an engine are the means plus the sum of factors times loadings. */
  readonly factors: readonly {
    /** Loadings: by how much a factor of 1 moves the start and the shift of each sensor. */
    readonly start: BySensor;
    readonly shift: BySensor;
    /** Values of the factor, from the smallest to the largest, every tenth of the engines. */
    readonly quantiles: readonly number[];
  }[];
  /** ln of τ in cycles, as quantiles: the degradation is exp(−cycles left / τ). */
  readonly log_tau: readonly number[];
  /** Cycles until failure, as quantiles. */
  readonly life: readonly number[];
  /** Correlations of the factors, ln τ and life as normal numbers (a Gaussian copula), in this order. */
  readonly correlations: readonly (readonly number[])[];
  /** Covariance of the sensors' noise, in the order of SIMULATED_SENSORS, without what rounding adds. */
  readonly noise: readonly (readonly number[])[];
  /** Standard deviation of the altitude, in 1,000 ft. */
  readonly altitude_noise: number;
  /** How the Mach number scatters around that of the condition. */
  readonly mach_number_noise: readonly { readonly value: number; readonly share: number }[];
}

/** The table. */
export const CALIBRATION: Calibration = table;
