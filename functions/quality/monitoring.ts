/** What others watch the system by: metrics for Prometheus and its kin, and the service levels. */

import type { SupabaseClient } from "@supabase/supabase-js";
import type { Context, Hono } from "hono";
import { z } from "zod";
import { rowsOf } from "../../shared/data_api.ts";
import { methodNotAllowed } from "../../shared/http.ts";
import { queryOf } from "../../shared/parameters.ts";
import { dialectFor, expositionText } from "./exposition.ts";
import { METRIC_FAMILIES, METRIC_PREFIX } from "./metric_families.ts";
import { Query } from "./parameters.ts";
import { type Answer, ServiceLevel } from "./rows.ts";

const HOUR_MS = 3_600_000;

/** JSON has no numbers for what is not finite; Postgres writes them as texts. */
const anyNumber = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number)]);

const SampleRow = z.object({
  family: z.string(),
  suffix: z.enum(["", "bucket", "sum", "count"]),
  labels: z.record(z.string(), z.string()),
  value: anyNumber,
});

/**
 * Adds the endpoints to the app.
 *
 * @param client Makes the client that has the rights of whoever sent a request.
 */
export function addMonitoring(app: Hono, client: (c: Context) => SupabaseClient): void {
  app.get("/prometheus", async (c) => {
    queryOf(c, Query.prometheus);
    const samples = z.array(SampleRow).parse(await rowsOf(client(c).rpc("service_metrics")));
    const dialect = dialectFor(c.req.header("accept"));
    return c.body(expositionText(METRIC_PREFIX, METRIC_FAMILIES, samples, dialect), 200, {
      "content-type": dialect.contentType,
      "cache-control": "no-store",
    });
  });

  app.get("/slo", async (c) => {
    const { hours } = queryOf(c, Query.slo);
    // until is left to the database: its clock has stamped what is measured
    const since = new Date(Date.now() - hours * HOUR_MS).toISOString();
    const rows = await rowsOf(client(c).rpc("service_levels", { since }));
    const levels = z.array(ServiceLevel).parse(rows);
    const statuses = levels.map(({ status }) => status);
    const status = (["missed", "not_measured"] as const).find((word) => statuses.includes(word)) ?? "met";
    return c.json({ hours, status, levels } satisfies z.output<typeof Answer.slo>);
  });

  for (const path of ["/prometheus", "/slo"]) app.all(path, methodNotAllowed("GET"));
}
