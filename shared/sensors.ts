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
