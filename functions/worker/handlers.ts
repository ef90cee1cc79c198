/** The tasks that need the outside, by the names that pipeline_tasks.handler calls them. */

import type postgres from "postgres";
import { type AlertChannels, deliverAlerts } from "../../shared/alert_delivery.ts";
import type { TaskHandlers } from "./queue.ts";

/** All handlers. */
export function taskHandlers(sql: postgres.Sql, channels: AlertChannels): TaskHandlers & {
  readonly deliver_alerts: () => ReturnType<typeof deliverAlerts>;
} {
  return {
    deliver_alerts: () => deliverAlerts(sql, channels),
  };
}
