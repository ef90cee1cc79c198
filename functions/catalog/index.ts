/** The edge function `catalog`: configuration, app, serve. */

import { readConfig } from "../../shared/config.ts";
import { KeyRing, publishableKey, secretKeys } from "../../shared/keys.ts";
import { startLog } from "../../shared/log.ts";
import { createApp } from "./app.ts";

const config = readConfig([
  "LOG_LEVEL",
  "SUPABASE_ANON_KEY",
  "SUPABASE_PUBLISHABLE_KEYS",
  "SUPABASE_SECRET_KEYS",
  "SUPABASE_SERVICE_ROLE_KEY",
  "SUPABASE_URL",
]);

const app = createApp({
  dataApi: {
    url: config.SUPABASE_URL,
    publishableKey: publishableKey(config),
    secretKeys: new KeyRing(secretKeys(config)),
  },
});

startLog(config.LOG_LEVEL);
Deno.serve(app.fetch);
