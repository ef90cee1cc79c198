/** What the endpoints answer: the rows, parsed once as they come from the database. openapi.ts documents these. */

import { z } from "zod";
import { Metric, Run, Status, time, verdict } from "../../shared/checks.ts";

const count = z.int().min(0);
const unitNumber = z.string().describe("Public name of the engine");
const wear = z.number().nullable().describe(
  "0 as in the engine's baseline, 1 as engines are on average in their last 30 readings before failure",
);
const next = z.union([z.string(), z.number()]).nullable().describe(
  "cursor of the next page; null when this was the last one",
);

/** A check in the summary: a row of the view quality_summary. */
export const Check = z.object({
  table_name: z.string(),
  ...verdict,
  rows_checked: count.nullable(),
  check_timestamp: time.nullable().describe("Moment the verdict is about; null when no run has judged it"),
  state_since: time.nullable().describe("Since when every verdict has been this one"),
  engines_failing: count.describe(
    "Engines that broke the rule in the run of the latest verdict; the table can pass all the same",
  ),
  runs_passed: count,
  runs_warned: count,
  runs_failed: count,
  runs_not_evaluated: count,
});

/** A row of the view engine_health. */
export const Engine = z.object({
  unit_number: unitNumber,
  dataset: z.string().nullable(),
  status: z.enum(["active", "retired", "failed"]),
  health: z.enum(["ok", "warning", "fail", "unknown"]),
  reasons: z.array(z.string()).describe("Why health is what it is"),
  last_reading_at: time.nullable(),
  last_cycle: z.int().nullable(),
  silent_for: z.string().nullable().describe("Time since the last reading, as Postgres prints an interval"),
  cadence: z.string().nullable().describe(
    "Expected time between two readings, as Postgres prints an interval",
  ),
  completeness: z.number().nullable(),
  sensors_drifting: z.array(z.string()),
  sensors_degrading: z.array(z.string()),
  wear,
  problems: z.array(z.object({ ...verdict, check_timestamp: time })),
});

const cyclesLeft = z.number().nullable();
const recentAnomalies = count.describe("Anomalies among the last 30 readings");
const anomalousSince = time.nullable().describe(
  "Since when it has been in an episode of anomalies; null when in none",
);

/** A row of the view engine_health, with all that is known of the engine. */
export const Health = Engine.omit({ problems: true }).extend({
  wear_trend: z.enum(["rising", "steady", "falling"]).nullable().describe(
    "Against the report of at least 50 flight cycles before; null where there is none",
  ),
  wear_per_100_cycles: z.number().nullable(),
  earlier_wear: wear,
  earlier_cycle: z.int().nullable(),
  recent_anomalies: recentAnomalies,
  anomalous_since: anomalousSince,
  anomaly_severity: z.enum(["warning", "fail"]).nullable(),
  predicted_rul: cyclesLeft.describe("Flight cycles left after predicted_at_cycle"),
  lower_bound: cyclesLeft,
  upper_bound: cyclesLeft.describe("An end at the model's cap is open"),
  interval_level: z.number().nullable().describe("As in predictions"),
  predicted_at_cycle: z.int().nullable(),
  predicted_by: z.string().nullable().describe("Name and version of the model"),
  inspect_first: z.array(z.object({
    module: z.enum(["fan", "LPC", "HPC", "combustor", "HPT", "LPT", "bypass"]),
    sensors: z.array(z.string()),
    why: z.string(),
  })).describe("Modules to look at, the first one first. Where to look, not what is broken"),
  problems: Engine.shape.problems,
});

/** A row of the view engine_health, with what a view of the whole fleet shows of it. */
export const FleetEngine = Health.pick({
  unit_number: true,
  dataset: true,
  status: true,
  health: true,
  reasons: true,
  last_reading_at: true,
  last_cycle: true,
  completeness: true,
  sensors_drifting: true,
  wear: true,
  wear_trend: true,
  recent_anomalies: true,
  anomalous_since: true,
  anomaly_severity: true,
  predicted_rul: true,
  lower_bound: true,
  upper_bound: true,
  predicted_at_cycle: true,
});

/** A row of engine_health_reports. */
export const HealthReport = z.object({
  as_of: time,
  health: Engine.shape.health,
  reasons: Engine.shape.reasons,
  completeness: z.number().nullable(),
  wear,
  last_reading_at: time.nullable(),
  last_cycle: z.int().nullable(),
  recent_anomalies: recentAnomalies.nullable(),
  anomalous_since: anomalousSince,
  predicted_rul: cyclesLeft,
  lower_bound: cyclesLeft,
  upper_bound: cyclesLeft,
});

/** A row of the view fleet_health. */
export const Fleet = z.object({
  dataset: z.string().nullable(),
  cohort: z.string().nullable(),
  engines: count,
  active: count.describe("What follows is about these, but for retired and failed"),
  retired: count,
  failed: count,
  healthy: count,
  warning: count,
  failing: count,
  unknown: count,
  anomalous: count.describe("In an episode of anomalies"),
  anomalous_share: z.number().nullable(),
  mean_wear: z.number().nullable(),
  wear_rising: count,
  predicted: count.describe("With a prediction"),
  mean_predicted_rul: cyclesLeft,
  least_predicted_rul: cyclesLeft,
  look_at_first: z.array(z.object({
    unit_number: unitNumber,
    health: Engine.shape.health,
    predicted_rul: cyclesLeft,
    least_cycles_left: cyclesLeft.describe("Lower end of the interval less the cycles flown since"),
    anomalous_since: anomalousSince,
    wear,
    modules: z.array(z.string()),
  })).describe("Up to ten active engines, the first one first"),
});

/** A row of retraining_decisions. */
export const Retraining = z.object({
  as_of: time.describe("Moment it is about"),
  retrain: z.boolean(),
  reasons: z.array(z.string()).describe("Which thresholds were crossed"),
  criteria: z.array(z.string()).describe("Names of these criteria"),
  evidence: z.record(z.string(), z.unknown()).describe(
    "Each criterion by name: verdict, value, threshold, reason where it was not judged, details",
  ),
  decided_at: time,
  hook_state: z.enum(["not_needed", "due", "failed", "called", "dead"]),
  hook_note: z.string().nullable().describe("Why nobody is called although models should be trained again"),
  hook_attempts: count,
  hook_error: z.string().nullable(),
  hook_called_at: time.nullable(),
  hook_receiver: z.enum(["webhook", "sagemaker"]).nullable(),
  hook_answer: z.string().nullable().describe("PipelineExecutionArn, or the id that a webhook answers with"),
});

/** A row of sensor_drift. */
export const Drift = z.object({
  unit_number: unitNumber,
  column_name: z.string().describe("The sensor"),
  verdict: z.enum(["stable", "degradation", "drift", "insufficient_data"]),
  ks_statistic: z.number().nullable(),
  p_value: z.number().nullable(),
  q_value: z.number().nullable(),
  mean_shift: z.number().nullable().describe("In baseline standard deviations"),
  wear_shift: z.number().nullable().describe("The part of mean_shift that wear explains"),
  wear,
  baseline_readings: count,
  window_readings: count,
  window_start: time.nullable(),
  window_end: time.nullable(),
  as_of: time,
});

/** A row of alerts. */
export const Alert = z.object({
  id: z.int(),
  kind: z.string(),
  subject: z.string(),
  severity: z.enum(["warning", "fail"]),
  state: z.enum(["open", "acknowledged", "resolved"]),
  summary: z.string(),
  evidence: verdict.evidence,
  opened_at: time,
  last_seen_at: time,
  occurrences: z.int(),
  acknowledged_at: time.nullable(),
  acknowledged_by: z.string().nullable(),
  resolved_at: time.nullable(),
  resolved_by: z.string().nullable(),
});

/** A row of alert_events. */
export const AlertEvent = z.object({
  number: z.int().min(1).describe("Place among the alert's events"),
  event: z.enum(["opened", "reopened", "escalated", "acknowledged", "resolved", "reminder"]),
  at: time,
  actor: z.string().describe("Who did it; spool when an observation did"),
  severity: z.enum(["warning", "fail"]),
  summary: z.string(),
  held_back: z.boolean().describe("Nobody was notified, because the alert was coming and going"),
});

/** A row of check_history(). */
export const CheckHistory = z.object({
  table_name: z.string(),
  metric_name: verdict.metric_name,
  column_name: verdict.column_name,
  moments: z.array(z.number()).describe(
    "Moments the verdicts are about, in seconds since 1970, oldest first",
  ),
  statuses: z.array(Status),
  metric_values: z.array(z.number().nullable()),
});

/** A row of pipeline_tasks, with what it waits for. */
export const PipelineTask = z.object({
  name: z.string(),
  kind: z.enum(["sql", "queue"]).describe("sql: inside Postgres; queue: by the function worker"),
  description: z.string(),
  max_attempts: z.int(),
  depends_on: z.array(z.string()),
});

/** A row of pipelines, with its tasks. */
export const Pipeline = z.object({
  name: z.string(),
  description: z.string(),
  period: z.string().describe("Time between two runs, as Postgres prints an interval"),
  next_logical_time: time.describe("When the next run is due"),
  sla: z.string().nullable().describe("Longest time to success, as Postgres prints an interval"),
  active: z.boolean().describe("Off: no run is scheduled"),
  tasks: z.array(PipelineTask),
});

/** A row of task_runs. */
export const TaskRun = z.object({
  id: z.int(),
  task: z.string(),
  state: z.enum(["waiting", "ready", "running", "retrying", "succeeded", "failed", "skipped", "cancelled"]),
  attempt: count.describe("Number of the current or last attempt; 0 before the first"),
  next_attempt_at: time.nullable(),
  started_at: time.nullable().describe("Start of that attempt"),
  finished_at: time.nullable(),
  error: z.string().nullable().describe("Why the last attempt failed"),
});

/** A row of pipeline_runs, with its tasks. */
export const PipelineRun = z.object({
  id: z.int(),
  logical_time: time.describe("End of the period that it is about"),
  state: z.enum(["queued", "running", "succeeded", "failed", "cancelled"]),
  trigger: z.enum(["schedule", "catch_up", "backfill", "manual"]),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
  sla_due_at: time.nullable(),
  sla_missed_at: time.nullable(),
  tasks: z.array(TaskRun),
});

/** A row of task_attempts. */
export const TaskAttempt = z.object({
  task_run_id: z.int(),
  attempt: z.int(),
  executor: z.string(),
  started_at: time,
  finished_at: time,
  outcome: z.enum(["succeeded", "failed", "lost", "timed_out", "cancelled"]),
  transient: z.boolean().nullable().describe("Whether the failure was one that may pass by itself"),
  error: z.string().nullable(),
});

const contributions = z.record(z.string(), z.number());
const contributors = {
  sensors: contributions.describe(
    "How much the sensors that contributed most did, in the detector's own unit",
  ),
  values: contributions.describe("What these sensors measured, in the units of sensor_data"),
};
const Severity = z.enum(["warning", "fail"]);

/** A row of anomalies. */
export const Anomaly = z.object({
  id: z.int(),
  unit_number: unitNumber,
  timestamp: time.describe("Of the reading"),
  cycle: z.int(),
  detector: z.string(),
  score: z.number(),
  threshold: z.number().describe("Score above which the reading was an anomaly"),
  severity: Severity.describe("fail: far above the threshold"),
  ...contributors,
  model_id: z.int().nullable().describe("Model that found it"),
  detected_at: time,
});

/** A row of anomaly_episodes. */
export const AnomalyEpisode = z.object({
  id: z.int(),
  unit_number: unitNumber,
  detector: z.string(),
  started_at: time.describe("Of the first anomaly"),
  ended_at: time.describe("Of the last anomaly so far"),
  first_cycle: z.int(),
  last_cycle: z.int(),
  readings: count.describe("Anomalies in it"),
  severe_readings: count.describe("How many of them are of severity fail"),
  severity: Severity.describe("fail: three or more anomalies are"),
  peak_score: z.number(),
  peak_threshold: z.number(),
  peak_at: time,
  sensors: contributors.sensors,
  open: z.boolean().describe("Whether the next anomaly may belong to it"),
});

/** A row of recent_anomalies(). */
export const RecentReading = z.object({
  timestamp: time,
  cycle: z.int(),
  detector: z.string().describe("The detector that decides"),
  is_anomaly: z.boolean().nullable().describe(
    "null: nobody can tell, as it is still to be scored, has fewer than seven sensors or, by mean_abs_z, is not after the " +
      "engine's baseline",
  ),
  score: z.number().nullable().describe("Kept of anomalies alone, like what follows"),
  threshold: z.number().nullable(),
  severity: Severity.nullable(),
  sensors: contributors.sensors.nullable(),
  values: contributors.values.nullable(),
  model_id: z.int().nullable(),
  episode_id: z.int().nullable(),
});

const forecast = {
  cycle: z.int().describe("Last flight cycle the model had seen"),
  predicted_rul: z.number().describe(
    "Flight cycles left; of a model trained here at most its cap, which means as many or more",
  ),
  lower_bound: z.number().nullable(),
  upper_bound: z.number().nullable().describe(
    "Of a model trained here at most its cap: an end there is open, as more may be left",
  ),
  interval_level: z.number().nullable().describe(
    "Share of the truths that such intervals are to hold; of a model trained here of truths that are capped as its labels are",
  ),
  model_name: z.string(),
  model_version: z.string(),
  predicted_at: time,
};

/** A row of the view engine_predictions. */
export const Prediction = z.object({
  id: z.int(),
  unit_number: unitNumber,
  ...forecast,
  actual_rul: z.int().nullable().describe(
    "What was left in truth, capped as labels are; null while the engine has not failed",
  ),
  in_interval: z.boolean().nullable().describe("Whether the interval held actual_rul"),
});

/** A row of the view latest_predictions. */
export const LatestPrediction = z.object({
  unit_number: unitNumber,
  ...forecast,
  preferred: z.boolean().describe("Whether this is the one of the engine's models to go by"),
});

const seconds = z.number().describe("Seconds since 1970");
const perSlot = z.array(count);
const perSlotSeconds = z.array(z.number().nullable());
const values = z.array(z.number().nullable());

/** What engine_series() returns. */
export const Series = z.object({
  unit_number: unitNumber,
  first: seconds.nullable().describe("Of the engine's first reading, in seconds since 1970"),
  last: seconds.nullable().describe("Of its last reading"),
  since: seconds.nullable(),
  until: seconds.nullable(),
  readings: count.describe("From since to until, in all conditions"),
  slot_seconds: z.number().nullable().describe("Length of a slot; null where each reading has its own"),
  cadence_seconds: z.number().nullable().describe("Expected time between two readings"),
  condition: z.int().nullable().describe("Operating condition in which the values were measured"),
  conditions: z.array(z.object({ condition: z.int(), name: z.string().nullable(), readings: count })),
  time: z.array(seconds).describe("Of the first reading of each slot, in seconds since 1970"),
  cycle: z.array(z.int()),
  slot_readings: perSlot,
  slot_condition: z.array(z.int()).describe("That most readings of the slot were taken in"),
  sensors: z.record(z.string(), z.tuple([values, values.nullable()])).describe(
    "Least and greatest value of each slot; null instead of the greatest where each reading has its own slot",
  ),
  baselines: z.record(z.string(), z.tuple([z.number(), z.number().nullable(), count])).describe(
    "Mean, standard deviation and readings of the engine's baseline in this condition",
  ),
  gaps: z.array(z.tuple([seconds, seconds])).describe(
    "Steps of more than one and a half cadences; the 500 longest",
  ),
});

/** A row of anomalies, with what a chart shows of it. */
export const ChartAnomaly = Anomaly.pick({
  timestamp: true,
  cycle: true,
  score: true,
  severity: true,
  sensors: true,
});

/** What arrivals() returns. */
export const Arrivals = z.object({
  since: seconds,
  until: seconds,
  slot_seconds: z.number(),
  batches: perSlot,
  accepted: perSlot,
  duplicates: perSlot,
  rejected: perSlot,
  timed: perSlot.describe(
    "Readings whose latency counts: those measured at most an hour before they arrived",
  ),
  p50: perSlotSeconds.describe("Median latency of each slot, in seconds"),
  p95: perSlotSeconds,
  latency: z.object({
    readings: count,
    p50: z.number().nullable(),
    p95: z.number().nullable(),
    max: z.number().nullable(),
  }).describe("Of all slots, in seconds from measurement to storage"),
  sources: z.array(z.object({
    source: z.string().describe("Door"),
    batches: count,
    accepted: count,
    duplicates: count,
    rejected: count,
    last_at: time,
  })),
  last_at: time.nullable().describe("When the newest batch arrived; null when none has"),
});

/** A row of dead_letters. */
export const DeadLetter = z.object({
  id: z.int(),
  source: z.string().describe("Door it came through"),
  reference: z.string().nullable(),
  position: count.describe("Place in its batch"),
  path: z.string().describe("Place of the first fault; empty when it is the whole reading"),
  reason: z.string(),
  seen: z.int(),
  records: z.array(z.record(z.string(), z.union([z.string(), z.number()]))).describe(
    "The first records of a stream that brought it",
  ),
  first_seen_at: time,
  last_seen_at: time,
  replay_attempts: count,
  replay_error: z.string().nullable(),
  replayed_at: time.nullable(),
  payload: z.string().describe(
    "The JSON text exactly as it came; a number in it may be larger than JSON parsers hold",
  ),
  correction: z.string().nullable().describe("JSON text that is replayed in its place"),
});

const LevelStatus = z.enum(["met", "missed", "not_measured"]);

/** A row of service_levels. */
export const ServiceLevel = z.object({
  measure: z.string().describe("completeness, accuracy, ingestion_latency, …"),
  status: LevelStatus,
  value: z.number().nullable().describe("What was measured, in unit; null when nothing was"),
  operator: z.enum([">", ">=", "<"]).describe("How the value must compare with the target"),
  target: z.number(),
  unit: z.enum(["ratio", "seconds"]),
  reason: z.string().nullable().describe("Why there is no value"),
  evidence: z.record(z.string(), z.unknown()).describe("What was looked at, with counts"),
});

/** The answers. */
export const Answer = {
  slo: z.object({
    hours: z.int(),
    status: LevelStatus.describe("missed when any is, else not_measured when any is, else met"),
    levels: z.array(ServiceLevel),
  }),
  summary: z.object({
    hours: z.int(),
    status: Status.describe("The worst verdict: fail, warning, not_evaluated, pass"),
    checks: z.array(Check),
  }),
  engines: z.object({ engines: z.array(Engine), next }),
  engine: z.object({ engine: Engine, sensors: z.array(Drift) }),
  metrics: z.object({ metrics: z.array(Metric), next }),
  health: z.object({
    engine: Health,
    reports: z.array(HealthReport).describe("How it stood at earlier runs, latest first"),
  }),
  fleet: z.object({ fleets: z.array(Fleet) }),
  fleetEngines: z.object({ engines: z.array(FleetEngine), next }),
  series: z.object({
    series: Series,
    anomalies: z.array(ChartAnomaly).describe("By the detector that decides; the latest 1,000"),
    predictions: z.array(Prediction).describe("Of the whole life; the latest 1,000"),
  }),
  arrivals: Arrivals,
  retraining: z.object({ decisions: z.array(Retraining), next }),
  drift: z.object({ sensors: z.array(Drift), next }),
  runs: z.object({ runs: z.array(Run), next }),
  alerts: z.object({ alerts: z.array(Alert), next }),
  anomalies: z.object({ anomalies: z.array(Anomaly), next }),
  episodes: z.object({ episodes: z.array(AnomalyEpisode), next }),
  recentAnomalies: z.object({ unit_number: unitNumber, readings: z.array(RecentReading) }),
  predictions: z.object({ predictions: z.array(Prediction), next }),
  latestPredictions: z.object({ predictions: z.array(LatestPrediction), next }),
  storedPredictions: z.object({
    accepted: count,
    duplicates: count.describe("There already, exactly like this"),
    rejected: count,
    errors: z.array(z.object({
      index: count.describe("Place in what was sent"),
      path: z.string().describe("Member of the prediction; empty when it is all of it"),
      message: z.string(),
    })).describe("Of the first 100 that were rejected"),
  }),
  deadLetters: z.object({ dead_letters: z.array(DeadLetter), next }),
  history: z.object({ hours: z.int(), checks: z.array(CheckHistory) }),
  alertHistory: z.object({ alert: Alert, events: z.array(AlertEvent).describe("Latest first") }),
  pipelines: z.object({ pipelines: z.array(Pipeline) }),
  pipelineRuns: z.object({ runs: z.array(PipelineRun).describe("By logical time, latest first"), next }),
  pipelineRun: z.object({
    run: PipelineRun,
    attempts: z.array(TaskAttempt).describe("That have ended, task by task, oldest first"),
  }),
  backfill: z.object({ runs: count.describe("Runs that were made; those that were there stay as they are") }),
  changedRun: z.object({
    id: z.int(),
    state: PipelineRun.shape.state,
    waiting: z.array(z.string()).describe("Tasks that will run"),
  }),
  correction: z.object({ id: z.int(), correction: z.string().nullable() }),
  run: z.object({ run: Run, checks: z.array(Metric) }),
  alert: Alert,
  replay: z.object({
    passed: count.describe("Stored, or found to be stored already"),
    failed: count.describe("Still open; replay_error says why"),
    withheld: count.describe(
      "Still open and not tried: what the loader has refused needs a correction, or its id",
    ),
  }),
} as const;

/** The columns of a schema, as the Data API is asked for them. */
export function columns(schema: z.ZodObject, but: readonly string[] = []): string {
  return Object.keys(schema.shape).filter((name) => !but.includes(name)).join(",");
}
