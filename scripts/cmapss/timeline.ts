/** When a cycle took place. The files know only its number. */

/** How cycles become times. All in milliseconds; `base` and `until` since 1970, UTC. */
export interface Timeline {
  /** From one cycle to the next. */
  readonly intervalMs: number;
  /**
   * - `from`: cycle 1 of every engine is at `atMs`
   * - `until`: the last cycle of every engine is at `atMs`
   * - `until_now`: as `until`, except that engines that have been loaded before keep their times. Otherwise
   *   each run would store every reading again, a few minutes later.
   */
  readonly anchor: "from" | "until" | "until_now";
  readonly atMs: number;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads an interval: a number and s, m, h or d.
 *
 * @returns Milliseconds, at least 1; undefined when it is something else.
 *
 * @example
 * ```ts
 * import { parseInterval } from "./timeline.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseInterval("1.5h"), 5_400_000);
 * assert.equal(parseInterval("0d"), undefined);
 * ```
 */
export function parseInterval(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([smhd])$/.exec(text.trim());
  if (match === null) return undefined;
  const interval = Math.round(Number(match[1]) * UNITS_MS[match[2]]);
  return interval >= 1 && interval <= 366 * UNITS_MS.d ? interval : undefined;
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/**
 * Reads a date (its midnight, UTC) or an ISO 8601 timestamp with zone.
 *
 * @returns Milliseconds since 1970; undefined when it is something else or does not exist.
 *
 * @example
 * ```ts
 * import { parseTime } from "./timeline.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseTime("2024-01-01"), Date.UTC(2024, 0, 1));
 * assert.equal(parseTime("2024-01-01T01:00:00+01:00"), Date.UTC(2024, 0, 1));
 * assert.equal(parseTime("2024-02-30"), undefined);
 * assert.equal(parseTime("2024-01-01T00:00:00"), undefined);
 * ```
 */
export function parseTime(text: string): number | undefined {
  const match = DATE.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day] = match.map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined; // 30 February
  const time = Date.parse(text.trim());
  return Number.isNaN(time) ? undefined : time;
}

/** Time of cycle 1 of an engine, in milliseconds since 1970. */
export function firstCycleMs({ intervalMs, anchor, atMs }: Timeline, lastCycle: number): number {
  return anchor === "from" ? atMs : atMs - (lastCycle - 1) * intervalMs;
}

/** A time as readings carry it; null where the calendar ends (year 275760). */
export function timestamp(ms: number): string | null {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
}
