/**
 * Who is meant to do what, in one place: every table and view of public with its classification and what may be written
 * through the Data API, and every function that somebody other than the owner may call. tests/sql/role_matrix_test.ts
 * tries all of it.
 */

/** Who calls: role of the key and what the token says; and which classifications the caller's clearance includes. */
export const CALLERS = {
  anon: { role: "anon", claims: { role: "anon" }, reads: ["public"] },
  "user, public": {
    role: "authenticated",
    claims: { app_metadata: { clearance: "public" } },
    reads: ["public"],
  },
  user: { role: "authenticated", claims: { sub: "1" }, reads: ["public", "internal"] },
  "user, internal": {
    role: "authenticated",
    claims: { app_metadata: { clearance: "internal" } },
    reads: ["public", "internal"],
  },
  "user, confidential": {
    role: "authenticated",
    claims: { app_metadata: { clearance: "confidential" } },
    reads: ["public", "internal", "confidential"],
  },
  "user, restricted": {
    role: "authenticated",
    claims: { app_metadata: { clearance: "restricted" } },
    reads: ["public", "internal", "confidential", "restricted"],
  },
  service_role: {
    role: "service_role",
    claims: { role: "service_role" },
    reads: ["public", "internal", "confidential", "restricted"],
  },
} as const;

export type Caller = keyof typeof CALLERS;

/** insert, update and delete. */
const ROWS = ["insert", "update", "delete"] as const;
/** The one row of a table of settings must stay. */
const ROW = ["update"] as const;

/** Classification of each table and view of public, and what service_role may do besides reading. Nobody else writes. */
export const RELATIONS: Readonly<
  Record<string, readonly [classification: "internal" | "confidential", written?: readonly string[]]>
> = {
  // readings
  engines: ["internal", ROWS],
  sensor_data: ["internal"],
  training_data: ["internal"],
  classified_readings: ["internal"],
  sensor_values: ["internal"],
  // intake
  batches: ["internal"],
  dead_letters: ["confidential", ROWS],
  delivery_receipts: ["internal"],
  intake_settings: ["confidential", ROW],
  stream_checkpoints: ["internal"],
  stream_readers: ["internal"],
  // expectations
  effective_expectations: ["internal"],
  expectation_versions: ["internal"],
  expectations: ["internal", ROWS],
  operating_conditions: ["internal", ROWS],
  reading_bounds: ["internal"],
  // quality
  anomalies: ["internal"],
  anomaly_episodes: ["internal"],
  check_runs: ["internal"],
  data_quality_metrics: ["internal", ROWS],
  declared_columns: ["internal"],
  engine_baselines: ["internal"],
  engine_cadences: ["internal"],
  engine_health: ["internal"],
  engine_health_reports: ["internal"],
  fleet_health: ["internal"],
  quality_settings: ["internal", ROW],
  quality_summary: ["internal"],
  reading_rollups: ["internal"],
  retraining_decisions: ["internal"],
  rollup_horizon: ["internal"],
  sensor_baselines: ["internal"],
  sensor_data_changes: ["internal"],
  sensor_drift: ["internal"],
  sensor_modules: ["internal", ROWS],
  unscored_readings: ["internal"],
  wear_signatures: ["internal"],
  // alerts
  alert_channels: ["internal", ROWS],
  alert_deliveries: ["internal"],
  alert_events: ["internal"],
  alert_settings: ["internal", ROW],
  alerts: ["internal"],
  open_alerts: ["internal"],
  // models
  engine_predictions: ["internal"],
  latest_predictions: ["internal"],
  model_settings: ["internal", ROW],
  models: ["internal"],
  prediction_accuracy: ["internal"],
  prediction_errors: ["internal"],
  rul_predictions: ["internal", ROWS],
  // monitoring
  heartbeats: ["internal"],
  intake_counters: ["internal"],
  // pipeline
  jobs: ["internal"],
  pipeline_runs: ["internal"],
  pipeline_status: ["internal"],
  pipeline_task_dependencies: ["internal"],
  pipeline_tasks: ["internal"],
  pipelines: ["internal"],
  task_attempts: ["internal"],
  task_runs: ["internal"],
  // lake, lineage, catalogue, audit
  asset_schema_changes: ["internal"],
  asset_schemas: ["internal", ["insert"]],
  audit_log: ["confidential"],
  catalog_assets: ["internal"],
  data_assets: ["internal", ROWS],
  lake_object_batches: ["internal"],
  lake_objects: ["internal"],
  lineage: ["internal"],
  lineage_events: ["internal"],
  lineage_forwarding: ["internal"],
  lineage_forwards: ["internal"],
  retired_months: ["internal"],
  sensor_data_days: ["internal"],
};

/** Functions that signed-in users and service_role may call: they read, with the caller's own rights. */
const READING = ["authenticated", "service_role"];

/** Who may call a function; one that is not here is for the database's owner alone. */
export const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  // policies and views ask it with the rights of whoever reads
  may_read: ["anon", ...READING],
  // the trigger of expectations asks it with the rights of whoever changes a rule
  audit_actor: ["service_role"],
  // quality
  expectation_verdict: READING,
  export_expectation_suite: READING,
  quality_summary_between: READING,
  recent_anomalies: READING,
  sensor_data_partition_report: READING,
  // charts
  arrivals: READING,
  check_history: READING,
  engine_series: READING,
  // lineage
  batch_input: READING,
  check_assertions: READING,
  find_lineage: READING,
  lineage_coverage: READING,
  lineage_graph: READING,
  openlineage_datasets: READING,
  openlineage_event: READING,
  openlineage_facets: READING,
  reading_lineage: READING,
  spool_version: ["anon", ...READING],
  task_datasets: READING,
  // catalogue
  prunable_assets: READING,
  asset_columns: READING,
  find_assets: READING,
  lake_listing: READING,
  lake_object_contents: READING,
  // monitoring
  data_samples: READING,
  data_service_levels: READING,
  days_to_archive: READING,
  detection_service_level: READING,
  histogram_bounds: READING,
  intake_samples: READING,
  intake_totals: READING,
  operation_samples: READING,
  operation_service_levels: READING,
  require_readable: READING,
  service_levels: READING,
  service_metrics: READING,
  value_columns: READING,
};
