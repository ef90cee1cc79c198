/** The edge function `quality`: configuration, app, serve. */

import { readConfig } from "../../shared/config.ts";
import { connect } from "../../shared/database.ts";
import { KeyRing, publishableKey, secretKeys, senderKeys } from "../../shared/keys.ts";
import { startLog } from "../../shared/log.ts";
import { createApp } from "./app.ts";

const config = readConfig([
  "DATABASE_URL",
  "DATABASE_POOL_SIZE",
  "LOG_LEVEL",
  "INGEST_KEYS",
  "SUPABASE_ANON_KEY",
  "SUPABASE_PUBLISHABLE_KEYS",
  "SUPABASE_SECRET_KEYS",
  "SUPABASE_SERVICE_ROLE_KEY",
  "SUPABASE_URL",
]);

const app = createApp({
  sql: connect(config.DATABASE_URL, config.DATABASE_POOL_SIZE),
  keys: new KeyRing(senderKeys(config)),
  dataApi: {
    url: config.SUPABASE_URL,
    publishableKey: publishableKey(config),
    secretKeys: new KeyRing(secretKeys(config)),
  },
});

startLog(config.LOG_LEVEL);
Deno.serve(app.fetch);
