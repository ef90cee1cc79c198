/** The tasks that need the outside, by the names that pipeline_tasks.handler calls them. */

import type postgres from "postgres";
import { type AlertChannels, deliverAlerts } from "../../shared/alert_delivery.ts";
import { anomalyModels } from "../../shared/anomaly/score_readings.ts";
import { scoreTask } from "../../shared/anomaly/score_task.ts";
import { archiveTask } from "../../shared/archive/archive_task.ts";
import type { Lake } from "../../shared/lake/lake.ts";
import { verifyLake } from "../../shared/lake/verify.ts";
import { forwardLineage, type LineageServer } from "../../shared/lineage_forwarding.ts";
import { dayBefore, storeQuality } from "../../shared/quality_report/store_quality.ts";
import { callRetrainingHook, type RetrainingHook } from "../../shared/retraining_hook.ts";
import { predictTask } from "../../shared/rul/predict.ts";
import type { TaskHandler, TaskHandlers } from "./queue.ts";

/** What the handlers reach outside of the database. */
export interface Outside {
  readonly channels: AlertChannels;
  /** Undefined where none is configured. */
  readonly lake: Lake | undefined;
  /** Undefined where none is configured. */
  readonly lineage: LineageServer | undefined;
  /** Undefined where none is configured. */
  readonly retraining?: RetrainingHook;
}

/** A handler that needs the lake; without one there is nothing to do. */
function withLake(
  lake: Lake | undefined,
  handler: (lake: Lake, ...args: Parameters<TaskHandler>) => Promise<unknown>,
): TaskHandler {
  if (lake === undefined) return () => Promise.resolve({ lake: "not configured" });
  return (...args) => handler(lake, ...args);
}

/** All handlers. */
export function taskHandlers(
  sql: postgres.Sql,
  { channels, lake, lineage, retraining }: Outside,
): TaskHandlers & {
  readonly deliver_alerts: () => ReturnType<typeof deliverAlerts>;
  readonly forward_lineage: () => ReturnType<typeof forwardLineage>;
} {
  const models = anomalyModels();
  return {
    deliver_alerts: () => deliverAlerts(sql, channels),
    score_anomalies: ({ attempt }, signal) => scoreTask(sql, models, attempt, signal),
    predict_rul: ({ attempt }, signal) => predictTask(sql, attempt, signal),
    call_retraining_hook: () => callRetrainingHook(sql, retraining),
    archive: withLake(lake, (lake, { logicalTime }, signal) => archiveTask(sql, lake, logicalTime, signal)),
    report: withLake(
      lake,
      (lake, { logicalTime }, signal) => storeQuality(sql, lake, [dayBefore(logicalTime)], { signal }),
    ),
    verify_lake: withLake(lake, (lake, _task, signal) => verifyLake(sql, lake, { signal })),
    forward_lineage: () => forwardLineage(sql, lineage),
  };
}
