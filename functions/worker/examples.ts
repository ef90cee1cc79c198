/** Requests that the OpenAPI document of this function shows. */

import type { Example } from "../../shared/openapi_examples.ts";

export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "POST /worker/run": [{ name: "run", summary: "What pg_cron sends every minute" }],
};
