/** The report of a day's quality, as `quality/reports/DATE.json` holds it. */

import { z } from "zod";
import { Status, time, verdict } from "../checks.ts";

const count = z.int().min(0);
const day = z.iso.date();

const arrived = {
  batches: count,
  received: count,
  accepted: count,
  duplicates: count,
  rejected: count,
};

/** A check: its latest verdict of the day, and how the others of the day were. */
const Check = z.object({
  ...verdict,
  rows_checked: count.nullable(),
  check_timestamp: time.nullable().describe(
    "Moment of the latest verdict; null when none was reached in the day",
  ),
  state_since: time.nullable(),
  engines_failing: count,
  runs_passed: count,
  runs_warned: count,
  runs_failed: count,
  runs_not_evaluated: count,
});

const AlertEvent = z.object({
  at: time,
  event: z.enum(["opened", "reopened", "escalated", "resolved"]),
  kind: z.string(),
  subject: z.string(),
  severity: z.enum(["warning", "fail"]),
  summary: z.string(),
});

/** The document. It tells of the day alone: the moment it was made is not in it, so making it again changes nothing. */
export const QualityReport = z.object({
  version: z.literal(1).describe("Version of this document"),
  day: day.describe("UTC day, from its first moment up to that of the next one"),
  verdict: z.object({
    status: Status.describe("The worst of the checks' latest verdicts: fail, warning, not_evaluated, pass"),
    reasons: z.array(z.string()),
  }),
  runs: z.object({
    count: count.describe("Runs of the checks that are about a moment of the day"),
    latest: z.object({ window_start: time, as_of: time }).nullable(),
  }),
  readings: z.object({
    ...arrived,
    by_source: z.array(z.object({ source: z.string(), ...arrived })),
  }).describe("What arrived in the day, whatever its own time"),
  checks: z.array(Check),
  drift: z.array(z.object({
    unit_number: z.string(),
    column_name: z.string(),
    ks_statistic: z.number(),
    q_value: z.number(),
    mean_shift: z.number().nullable().describe("In standard deviations of the engine's baseline"),
    wear_shift: z.number().nullable().describe("The part of it that wear explains"),
    suspected: z.boolean().describe("It does not stand out from the fleet: a warning"),
  })).describe("Sensors that drift, as the latest run found them"),
  completeness: z.array(z.object({
    unit_number: z.string(),
    status: Status,
    value: z.number().nullable().describe("Share of the expected readings that came"),
    expected: count.nullable(),
    received: count.nullable(),
    missed: count.nullable(),
    gaps: count.nullable(),
    silent_since: time.nullable().describe("Its latest reading, where none came in the window"),
    never_sent: z.boolean(),
    reason: z.string().nullable().describe("Why it was not judged"),
  })).describe("Each active engine in the window of the latest run, worst first"),
  alerts: z.object({
    events: z.array(AlertEvent).describe("What was opened, came back, got worse and was resolved in the day"),
    open: z.array(AlertEvent.omit({ at: true, event: true }).extend({ opened_at: time })).describe(
      "What was open at its end",
    ),
  }),
  dead_letters: z.object({
    count: count.describe("That arrived first in the day"),
    open: count.describe("Of them, not replayed by its end"),
    groups: z.array(
      z.object({ source: z.string(), path: z.string(), reason: z.string(), count, open: count }),
    ).describe(
      "By reason, most first; values are cut out of the reasons. At most 100",
    ),
  }),
  lake: z.array(z.object({
    key: z.string(),
    kind: z.string(),
    row_count: count.nullable(),
    bytes: count,
    sha256: z.string(),
    verified_at: time.nullable(),
    fault: z.string().nullable(),
  })).describe("Objects of the lake about the day, reports excepted"),
});
export type QualityReport = z.output<typeof QualityReport>;
export type ReportedCheck = z.output<typeof Check>;
