/**
 * The operating conditions of C-MAPSS, as the simulator flies them.
 *
 * The real readings of the other five are not part of this project, so what is known of them is what it holds: the
 * centres of the settings (sql/90_jobs/operating_conditions.sql), the typical values of the sensors and their spans in
 * the published files FD002 and FD004 (sql/90_jobs/standard_expectations.sql, whose ranges are those spans widened by
 * about a third on both sides). A reading elsewhere is one at sea level, moved and stretched: its distance from a new
 * engine at sea level, times the span there relative to that at sea level. That noise, offsets of engines and wear
 * stretch alike is an assumption.
 */

import { CALIBRATION, SIMULATED_SENSORS } from "./calibration.ts";

/** An operating condition. */
export interface Condition {
  readonly condition: number;
  /** In 1,000 ft. */
  readonly altitude: number;
  readonly machNumber: number;
  /** Throttle, in percent. */
  readonly tra: number;
  /** Value of a new engine and stretch relative to sea level, in the order of SIMULATED_SENSORS. */
  readonly centre: Float64Array;
  readonly stretch: Float64Array;
  /**
   * s1, s5, s6, s10, s16, s18, s19: constant within a condition; written to C-MAPSS files, dropped everywhere else.
   * Away from sea level they are what the published FD002 is known to have, and nothing here can check them but that s1
   * is the standard atmosphere's total temperature at these settings, to 0.1 %.
   */
  readonly dropped: readonly number[];
}

/** Names of the dropped sensors, in the order of {@link Condition.dropped}. */
export const DROPPED_SENSORS = ["s1", "s5", "s6", "s10", "s16", "s18", "s19"] as const;

/**
 * Spans of the sensors: at sea level those of the readings that the simulator makes with both faults; elsewhere the
 * ranges of standard_expectations.sql times 3/5, and fan and core speed, s8 and s13, as at sea level.
 */
const SEA_LEVEL_SPAN = [4, 49, 63, 19.6, 1.5, 230, 1.8, 18.2, 1.5, 205, 0.47, 12, 1.9, 1.2];

/** Condition, settings, then centre and span of each of SIMULATED_SENSORS, then the dropped sensors. */
const AWAY:
  readonly (readonly [number, readonly number[], readonly number[], readonly number[], readonly number[]])[] =
    [
      [
        2,
        [10, 0.25, 100],
        [604.6, 1502, 1308, 394.3, 2318.9, 8773, 45.4, 371.5, 2388.1, 8129, 8.65, 369, 28.6, 17.2],
        [3.6, 45, 57, 15.6, 1.5, 180, 1.8, 15, 1.5, 168, 0.42, 12, 1.32, 0.84],
        [489.05, 10.52, 15.49, 1.26, 0.03, 2319, 100],
      ],
      [
        3,
        [20, 0.7, 100],
        [607.5, 1487, 1257, 334.6, 2323.9, 8721, 44.4, 315.2, 2388.1, 8068, 9.23, 366, 24.5, 14.7],
        [4.2, 48, 57, 15.6, 1.5, 198, 1.92, 15, 1.5, 162, 0.45, 11.4, 1.32, 0.78],
        [491.19, 9.35, 13.65, 1.08, 0.02, 2324, 100],
      ],
      [
        4,
        [25, 0.62, 60],
        [536.8, 1262, 1050, 175.4, 1915.4, 8011, 36.8, 164.8, 2028.3, 7874, 10.9, 307, 14.3, 8.6],
        [3, 42.6, 52.2, 7.8, 1.5, 135, 1.56, 7.2, 1.5, 126, 0.48, 11.4, 0.9, 0.6],
        [462.54, 7.05, 9.02, 0.94, 0.02, 1915, 84.93],
      ],
      [
        5,
        [35, 0.84, 100],
        [555.7, 1365, 1130, 194.5, 2223, 8350, 42, 183, 2388, 8073, 9.33, 334, 14.9, 8.9],
        [3.6, 48, 54, 10.2, 1.5, 174, 1.68, 9.6, 1.5, 162, 0.48, 11.4, 1.02, 0.66],
        [449.44, 5.48, 8, 1.02, 0.02, 2223, 100],
      ],
      [
        6,
        [42, 0.84, 100],
        [549.7, 1353, 1125, 138.5, 2212, 8320, 42.2, 130.6, 2387.9, 8091, 9.37, 331, 10.7, 6.4],
        [4.2, 48, 60, 8.4, 1.5, 192, 1.86, 7.2, 1.5, 174, 0.51, 11.4, 0.96, 0.6],
        [445, 3.91, 5.71, 1.02, 0.02, 2212, 100],
      ],
    ];

/** The condition in which everything was calibrated: it moves and stretches nothing. */
export const SEA_LEVEL: Condition = {
  condition: 1,
  altitude: 0,
  machNumber: 0,
  tra: 100,
  centre: Float64Array.from(SIMULATED_SENSORS, (sensor) => CALIBRATION.start[sensor]),
  stretch: new Float64Array(SIMULATED_SENSORS.length).fill(1),
  dropped: [518.67, 14.62, 21.61, 1.3, 0.03, 2388, 100],
};

/** All six. */
export const SIX_CONDITIONS: readonly Condition[] = [
  SEA_LEVEL,
  ...AWAY.map(([condition, [altitude, machNumber, tra], centre, span, dropped]) => ({
    condition,
    altitude,
    machNumber,
    tra,
    centre: Float64Array.from(centre),
    stretch: Float64Array.from(span, (value, i) => value / SEA_LEVEL_SPAN[i]),
    dropped,
  })),
];
