/** The tasks that need the outside, by the names that pipeline_tasks.handler calls them. */

import type postgres from "postgres";
import { type AlertChannels, deliverAlerts } from "../../shared/alert_delivery.ts";
import { forwardLineage, type LineageServer } from "../../shared/lineage_forwarding.ts";
import type { TaskHandlers } from "./queue.ts";

/** All handlers. */
export function taskHandlers(
  sql: postgres.Sql,
  channels: AlertChannels,
  lineage: LineageServer | undefined,
): TaskHandlers & {
  readonly deliver_alerts: () => ReturnType<typeof deliverAlerts>;
  readonly forward_lineage: () => ReturnType<typeof forwardLineage>;
} {
  return {
    deliver_alerts: () => deliverAlerts(sql, channels),
    forward_lineage: () => forwardLineage(sql, lineage),
  };
}
