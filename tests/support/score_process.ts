/**
 * A scorer as a process that dies at a step of its own: `score_process.ts DATABASE_URL STEP`. A step is a query that is
 * sent. It ends well where there are fewer steps.
 */

import postgres from "postgres";
import { anomalyModels, scoreReadings } from "../../shared/anomaly/score_readings.ts";

const [url, last] = Deno.args;
let steps = 0;
const sql = postgres(url, {
  max: 1,
  prepare: false,
  onnotice: () => {},
  debug() {
    if (++steps > Number(last)) Deno.kill(Deno.pid, "SIGKILL");
  },
});
await scoreReadings(sql, anomalyModels(), 1000);
await sql.end({ timeout: 0 });
