/** How amounts of bytes are written. */

import { number } from "./format.ts";

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** Bytes in their largest fitting unit: 1.2 MB. */
export function size(bytes: number): string {
  const unit = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** unit;
  return `${number(value, unit > 0 && value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}
