/** Parameters of the endpoints: what each may be. */

import { z } from "zod";
import { bodyNumber, id, limit, name, oneOf, queryNumber, time } from "../../shared/parameters.ts";
import { DETECTORS } from "../../shared/anomaly/detectors.ts";
import { SENSORS } from "../../shared/sensors.ts";

/** Ninety days: how long metrics are kept unless quality_settings says otherwise. */
const MOST_HOURS = 2160;

const STATUSES = ["pass", "warning", "fail", "not_evaluated"] as const;

const engine = name.describe("Engine, by unit_number");
const cursorById = id.describe("next of the page before this one");

/** The query parameters of each endpoint. */
export const Query = {
  summary: z.strictObject({
    hours: queryNumber(1, MOST_HOURS).default(24).describe("Verdicts of this many hours until now"),
  }),
  prometheus: z.strictObject({}),
  slo: z.strictObject({
    hours: queryNumber(1, MOST_HOURS).default(24).describe("What happened in this many hours until now"),
  }),
  engines: z.strictObject({
    health: oneOf(["ok", "warning", "fail", "unknown"]).optional().describe("Only engines with this word"),
    dataset: name.optional().describe("Only engines of this set, FD001 for example"),
    limit,
    cursor: name.optional().describe("next of the page before this one"),
  }),
  engine: z.strictObject({}),
  health: z.strictObject({
    reports: queryNumber(0, MOST_HOURS).default(24).describe("How many earlier reports, the latest first"),
  }),
  fleet: z.strictObject({
    dataset: name.optional().describe("Only fleets of this set, FD001 for example"),
  }),
  fleetEngines: z.strictObject({
    dataset: name.optional().describe("Only engines of this set, FD001 for example"),
    limit,
    cursor: name.optional().describe("next of the page before this one"),
  }),
  series: z.strictObject({
    since: time.optional().describe("Readings of this moment or later ones"),
    until: time.optional().describe("Readings of this moment or earlier ones"),
    slots: queryNumber(2, 2000).default(600).describe("Most points of a curve"),
    condition: queryNumber(0, 32_767).optional().describe(
      "Operating condition whose values are told; the one that most readings were taken in unless given",
    ),
  }),
  arrivals: z.strictObject({
    seconds: queryNumber(60, 86_400).default(900).describe("How far back"),
    slots: queryNumber(2, 500).default(90).describe("How many slots that is"),
  }),
  retraining: z.strictObject({
    retrain: oneOf(["true", "false"]).optional().describe("Only those that say yes, or only the others"),
    limit,
    cursor: time.optional().describe("next of the page before this one"),
  }),
  metrics: z.strictObject({
    metric: name.optional().describe("Only this check, completeness for example"),
    column: name.optional().describe("Only verdicts on this column"),
    engine: engine.optional(),
    of: oneOf(["table", "engines"]).optional().describe(
      "Only verdicts on the whole table, or only those on single engines",
    ),
    status: oneOf(STATUSES).optional(),
    since: time.optional().describe("Verdicts about this moment or later ones"),
    until: time.optional().describe("Verdicts about moments before this one"),
    limit,
    cursor: cursorById.optional(),
  }),
  drift: z.strictObject({
    engine: engine.optional(),
    column: oneOf(SENSORS).optional().describe("Only this sensor"),
    verdict: oneOf(["stable", "degradation", "drift", "insufficient_data"]).optional(),
    limit,
    cursor: z.string().regex(/^[0-9a-f-]{36}\.[a-z0-9_]+$/, { error: "next of an earlier answer" }).optional()
      .describe("next of the page before this one"),
  }),
  alerts: z.strictObject({
    state: oneOf(["open", "acknowledged", "resolved", "unresolved", "all"]).default("unresolved").describe(
      "unresolved: open and acknowledged ones",
    ),
    limit,
    cursor: cursorById.optional(),
  }),
  anomalies: z.strictObject({
    engine: engine.optional(),
    detector: oneOf(DETECTORS).optional().describe("Only what this detector found"),
    severity: oneOf(["warning", "fail"]).optional(),
    since: time.optional().describe("Readings of this moment or later ones"),
    until: time.optional().describe("Readings before this moment"),
    limit,
    cursor: cursorById.optional(),
  }),
  episodes: z.strictObject({
    engine: engine.optional(),
    detector: oneOf(DETECTORS).optional().describe("Only what this detector found"),
    severity: oneOf(["warning", "fail"]).optional(),
    open: oneOf(["true", "false"]).optional().describe(
      "Only those that may go on, or only those that are over",
    ),
    since: time.optional().describe("Episodes that ended at this moment or later"),
    until: time.optional().describe("Episodes that began before this moment"),
    limit,
    cursor: cursorById.optional(),
  }),
  recentAnomalies: z.strictObject({
    n: queryNumber(1, 1000).default(20).describe("How many readings, the latest first"),
  }),
  predictions: z.strictObject({
    engine: engine.optional(),
    model: name.optional().describe("Only what this model predicted"),
    since: time.optional().describe("Predictions made at this moment or later"),
    limit,
    cursor: cursorById.optional(),
  }),
  latestPredictions: z.strictObject({
    engine: engine.optional(),
    model: name.optional().describe("Only what this model predicted"),
    preferred: oneOf(["true", "false"]).optional().describe("Only the models to go by, or only the others"),
    limit,
    cursor: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}~[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, {
      error: "next of an earlier answer",
    }).optional().describe("next of the page before this one"),
  }),
  enginePredictions: z.strictObject({
    model: name.optional().describe("Only what this model predicted"),
    limit,
    cursor: cursorById.optional(),
  }),
  history: z.strictObject({
    hours: queryNumber(1, 168).default(24).describe("Verdicts of this many hours until now"),
  }),
  alert: z.strictObject({}),
  pipelines: z.strictObject({}),
  pipelineRuns: z.strictObject({
    state: oneOf(["queued", "running", "succeeded", "failed", "cancelled"]).optional(),
    limit,
    cursor: time.optional().describe("next of the page before this one"),
  }),
  pipelineRun: z.strictObject({}),
  runs: z.strictObject({
    since: time.optional().describe("Runs for this moment or later ones"),
    until: time.optional().describe("Runs for moments before this one"),
    limit,
    cursor: cursorById.optional(),
  }),
  deadLetters: z.strictObject({
    state: oneOf(["open", "replayed", "all"]).default("open").describe(
      "Those that wait, that were stored, or all",
    ),
    limit,
    cursor: cursorById.optional(),
  }),
} as const;

/** Bytes of a correction: as long as a reading with everything that may be around it. */
const MOST_CORRECTION = 32_768;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The bodies of the requests that write; an empty one is `{}`. */
export const Body = {
  run: z.strictObject({
    hours: bodyNumber(1, MOST_HOURS).default(24).describe("Length of the window that is checked"),
    as_of: time.optional().describe("End of the window, from 2000 to now; now unless given").refine(
      (text) =>
        text === undefined || (Date.parse(text) >= Date.UTC(2000, 0) && Date.parse(text) <= Date.now()),
      { error: "a time from 2000-01-01T00:00:00Z to now" },
    ),
  }),
  ack: z.strictObject({
    acknowledged_by: z.string({ error: "1 to 200 characters" }).trim().min(1, {
      error: "1 to 200 characters",
    })
      .max(200, { error: "1 to 200 characters" }).describe("Who takes it on"),
  }),
  replay: z.strictObject({
    ids: z.array(bodyNumber(1, Number.MAX_SAFE_INTEGER), { error: "a list of 1 to 1000 ids" })
      .min(1, { error: "a list of 1 to 1000 ids" }).max(1000, { error: "a list of 1 to 1000 ids" })
      .optional().describe("Which; all open ones unless given, except those that the loader refused"),
  }),
  backfill: z.strictObject({
    from: time.describe("First moment that a run may be about"),
    to: time.describe("Last such moment; at most now"),
  }),
  rerun: z.strictObject({
    task: name.describe("Task that is run again, with all that follow it"),
  }),
  cancel: z.strictObject({}),
  correction: z.strictObject({
    correction: z.string({ error: "JSON text, or null" })
      .max(MOST_CORRECTION, { error: `at most ${MOST_CORRECTION} characters` })
      .refine(isJson, { error: "JSON text, or null" }).nullable()
      .describe('JSON text of a reading, an array of readings or {"readings": […]}; null takes it away'),
  }),
} as const;
