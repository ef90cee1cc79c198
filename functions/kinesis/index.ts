/** The edge function `kinesis`: configuration, app, serve. */

import { readConfig } from "../../shared/config.ts";
import { connect } from "../../shared/database.ts";
import { accessKeys, KeyRing } from "../../shared/keys.ts";
import { startLog } from "../../shared/log.ts";
import { createApp } from "./app.ts";

const config = readConfig([
  "DATABASE_URL",
  "DATABASE_POOL_SIZE",
  "LOG_LEVEL",
  "KINESIS_ACCESS_KEYS",
  "INGEST_MAX_BODY_BYTES",
  "SUPABASE_SECRET_KEYS",
  "SUPABASE_SERVICE_ROLE_KEY",
]);

const app = createApp({
  sql: connect(config.DATABASE_URL, config.DATABASE_POOL_SIZE),
  keys: new KeyRing(accessKeys(config)),
  maxBodyBytes: config.INGEST_MAX_BODY_BYTES,
});

startLog(config.LOG_LEVEL);
Deno.serve(app.fetch);
