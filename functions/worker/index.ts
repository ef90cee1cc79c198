/** The edge function `worker`: configuration, app, serve. */

import { ALERT_VARIABLES, alertChannels } from "../../shared/alert_delivery.ts";
import { readConfig } from "../../shared/config.ts";
import { connect } from "../../shared/database.ts";
import { KeyRing, workerKeys } from "../../shared/keys.ts";
import { LAKE_VARIABLES, openLake } from "../../shared/lake/open_lake.ts";
import { LINEAGE_VARIABLES, lineageServer } from "../../shared/lineage_forwarding.ts";
import { RETRAINING_VARIABLES, retrainingHook } from "../../shared/retraining_hook.ts";
import { startLog } from "../../shared/log.ts";
import { createApp } from "./app.ts";
import { taskHandlers } from "./handlers.ts";

const config = readConfig([
  "DATABASE_URL",
  "DATABASE_POOL_SIZE",
  "LOG_LEVEL",
  "SUPABASE_SECRET_KEYS",
  "SUPABASE_SERVICE_ROLE_KEY",
  "WORKER_KEY",
  ...ALERT_VARIABLES,
  ...LAKE_VARIABLES,
  ...LINEAGE_VARIABLES,
  ...RETRAINING_VARIABLES,
]);

const sql = connect(config.DATABASE_URL, config.DATABASE_POOL_SIZE);
const app = createApp({
  sql,
  keys: new KeyRing(workerKeys(config)),
  handlers: taskHandlers(sql, {
    channels: alertChannels(config),
    lake: openLake(config),
    lineage: lineageServer(config),
    retraining: retrainingHook(config),
  }),
});

startLog(config.LOG_LEVEL);
Deno.serve(app.fetch);
