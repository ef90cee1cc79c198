/**
 * The columns of a reading: which they are, what they measure, in which unit.
 *
 * Names, meanings and units are those of Saxena, Goebel, Simon & Eklund, "Damage propagation modeling for
 * aircraft engine run-to-failure simulation" (PHM 2008), table 2. Of its 21 sensors six are constant in FD001 and
 * one (s6) takes two values; they carry no information there, and the other fourteen are kept.
 */

/** The three operating settings, in the order of the C-MAPSS files. */
export const SETTINGS = ["altitude", "mach_number", "tra"] as const;

/** The fourteen sensors that are kept, in the order of the C-MAPSS files. */
export const SENSORS = [
  "s2",
  "s3",
  "s4",
  "s7",
  "s8",
  "s9",
  "s11",
  "s12",
  "s13",
  "s14",
  "s15",
  "s17",
  "s20",
  "s21",
] as const;

/** All measured columns of a reading: settings, then sensors. Each is a Postgres `real` or null. */
export const VALUE_COLUMNS = [...SETTINGS, ...SENSORS] as const;

export type ValueColumn = (typeof VALUE_COLUMNS)[number];

/** What a column measures. */
export interface Measurement {
  /** As the field writes it. */
  readonly symbol: string;
  readonly meaning: string;
  /** Null: a number without one. */
  readonly unit: string | null;
  /** With which the C-MAPSS files give it. */
  readonly decimals: number;
}

/** What each sensor measures. */
export const MEASUREMENTS: Readonly<Record<(typeof SENSORS)[number], Measurement>> = {
  s2: { symbol: "T24", meaning: "Total temperature at LPC outlet", unit: "°R", decimals: 2 },
  s3: { symbol: "T30", meaning: "Total temperature at HPC outlet", unit: "°R", decimals: 2 },
  s4: { symbol: "T50", meaning: "Total temperature at LPT outlet", unit: "°R", decimals: 2 },
  s7: { symbol: "P30", meaning: "Total pressure at HPC outlet", unit: "psia", decimals: 2 },
  s8: { symbol: "Nf", meaning: "Physical fan speed", unit: "rpm", decimals: 2 },
  s9: { symbol: "Nc", meaning: "Physical core speed", unit: "rpm", decimals: 2 },
  s11: { symbol: "Ps30", meaning: "Static pressure at HPC outlet", unit: "psia", decimals: 2 },
  s12: { symbol: "phi", meaning: "Ratio of fuel flow to Ps30", unit: "pps/psia", decimals: 2 },
  s13: { symbol: "NRf", meaning: "Corrected fan speed", unit: "rpm", decimals: 2 },
  s14: { symbol: "NRc", meaning: "Corrected core speed", unit: "rpm", decimals: 2 },
  s15: { symbol: "BPR", meaning: "Bypass ratio", unit: null, decimals: 4 },
  s17: { symbol: "htBleed", meaning: "Bleed enthalpy", unit: null, decimals: 0 },
  s20: { symbol: "W31", meaning: "HPT coolant bleed", unit: "lbm/s", decimals: 2 },
  s21: { symbol: "W32", meaning: "LPT coolant bleed", unit: "lbm/s", decimals: 4 },
};
