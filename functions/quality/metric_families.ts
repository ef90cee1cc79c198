/** The metrics that /quality/prometheus gives: the samples are those of the SQL function service_metrics. */

import type { MetricFamily } from "./exposition.ts";

/** What the names of all metrics begin with. */
export const METRIC_PREFIX = "spool_";

const gauge = (help: string): MetricFamily => ({ type: "gauge", help });
const counter = (help: string): MetricFamily => ({ type: "counter", help });
const histogram = (help: string): MetricFamily => ({ type: "histogram", help });

/** What each metric means, by its name without the prefix. */
export const METRIC_FAMILIES: Readonly<Record<string, MetricFamily>> = {
  build_info: { type: "info", help: "Always 1; the version of what is in the database is its label" },
  // intake
  ingest_readings_total: counter(
    "Readings that were received, by source and by what became of them: accepted, duplicate or rejected",
  ),
  ingest_batches_total: counter("Requests, deliveries and pieces of files that were stored"),
  ingest_processing_seconds: histogram(
    "Time from the arrival of a batch at its door to its row in the database, by batch",
  ),
  ingest_event_lag_seconds: histogram(
    "Time from the newest reading of a batch to the batch's arrival, by batch; a clock that is ahead counts as 0",
  ),
  source_silence_seconds: gauge("Time since the last batch of a source was received"),
  source_reading_age_seconds: gauge("Age of the newest reading that a source has brought"),
  dead_letters_open: gauge("Readings that could not be accepted and that nobody has replayed"),
  dead_letters_oldest_age_seconds: gauge("Time since the oldest open dead letter came first"),
  // checks
  check_status: gauge(
    "1 for what the last run said of a check and column, 0 for the other words; column is empty for whole readings",
  ),
  check_value: gauge("What the last run measured, in the check's own unit"),
  check_age_seconds: gauge("Time since the moment that the last verdict is about"),
  check_run_duration_seconds: gauge("How long the last run of the checks took"),
  // models
  model_age_seconds: gauge("Time since a model that is in use was trained"),
  anomaly_episodes_open: gauge("Episodes of anomalies that may go on"),
  unscored_engines: gauge("Engines with readings that wait for the detectors"),
  unscored_oldest_age_seconds: gauge("How long the readings have waited for the detectors that wait longest"),
  engines: gauge("Engines by status"),
  // lake and partitions
  lake_age_seconds: gauge("Time since a day of readings was last written into the lake"),
  lake_faulty_objects: gauge("Days in the lake that were not as they should be when they were read back"),
  lake_backlog: gauge("Days that are over and are not in the lake as they are now"),
  partitions_ahead: gauge("Months after this one that have their partition, up to the first that has not"),
  // jobs and pipelines
  heartbeat_age_seconds: gauge("Time since the last minute in which the scheduler ran"),
  job_age_seconds: gauge("Time since a job last succeeded, or since it was made"),
  job_period_seconds: gauge("Time between two runs of a job by its schedule"),
  pipeline_run_state: gauge("1 for the state of a pipeline's run that began last, 0 for the others"),
  pipeline_run_duration_seconds: gauge("How long the last run of a pipeline that succeeded took"),
  pipeline_success_age_seconds: gauge("Time since a run of a pipeline last succeeded"),
  pipeline_period_seconds: gauge("Time between two runs of a pipeline"),
  pipeline_sla_missed: gauge("1 when the run that began last has not succeeded in time, else 0"),
  queue_tasks: gauge("Tasks of the queue that the worker takes, by state"),
  queue_oldest_age_seconds: gauge(
    "How long the task of the queue has waited that waits longest; 0 when none does",
  ),
  // alerts and deliveries
  alerts_open: gauge("Alerts that are not resolved; state is open until somebody acknowledges"),
  alert_deliveries: gauge("Deliveries of alerts that wait, and those that failed for good"),
  lineage_forwards_dead: gauge("Events of lineage that could not be forwarded for good"),
  // database
  database_size_bytes: gauge("Size of the database"),
  database_connections: gauge("Connections to the database"),
  database_connections_limit: gauge("Most connections that the server takes, of all its databases"),
};
