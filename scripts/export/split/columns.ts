/** The columns of X and y. */

import type { ParquetColumn } from "../../../shared/lake/parquet.ts";
import { VALUE_COLUMNS } from "../../../shared/sensors.ts";
import type { Sample } from "./samples.ts";

/** What a row of X has of an engine: one reading, or a window of its latest ones. */
export type Features = "rows" | "window";

/** A column, and its value of a sample. */
export interface SampleColumn extends ParquetColumn {
  readonly value: (sample: Sample) => unknown;
}

/** What tells a row of X and its row of y apart from the others. */
const KEYS: readonly SampleColumn[] = [
  { name: "engine_id", type: "text", value: ({ last }) => last.unitNumber },
  { name: "cycle", type: "int32", value: ({ last }) => last.cycle },
];

/**
 * The columns of X: engine, cycle and time of the last reading, then the features.
 *
 * A window is flattened: first all columns of its oldest reading, `s2_t-29`, at last those of its newest, `s2_t0`. So
 * `X.reshape(-1, 30, 17)` is what a recurrent or convolutional network takes, and trees and linear models take the rows
 * as they are. Means or slopes can be computed from it; the other way round is impossible.
 *
 * @param window Readings of a window.
 */
export function featureColumns(features: Features, window: number): SampleColumn[] {
  const columns: SampleColumn[] = [
    ...KEYS,
    { name: "timestamp", type: "timestamp", value: ({ last }) => last.timestamp },
  ];
  for (let place = 0; place < window; place++) {
    const suffix = features === "rows" ? "" : place === window - 1 ? "_t0" : `_t-${window - 1 - place}`;
    for (const [i, name] of VALUE_COLUMNS.entries()) {
      columns.push({
        name: name + suffix,
        type: "float32",
        nullable: true,
        value: (sample) => sample.window[place].values[i],
      });
    }
  }
  return columns;
}

/**
 * The columns of y.
 *
 * @param capOf Upper bound of an engine's labels; null: none.
 */
export function labelColumns(capOf: (unitNumber: string) => number | null): SampleColumn[] {
  return [
    ...KEYS,
    {
      name: "rul",
      type: "int32",
      value: ({ last }) => Math.min(last.left, capOf(last.unitNumber) ?? Infinity),
    },
    { name: "rul_uncapped", type: "int32", value: ({ last }) => last.left },
  ];
}
