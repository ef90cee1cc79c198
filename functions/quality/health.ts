/** How engines and fleets stand, and whether models should be trained again. */

import type { SupabaseClient } from "@supabase/supabase-js";
import type { Context, Hono } from "hono";
import { z } from "zod";
import { readableRows, whereText } from "../../shared/data_api.ts";
import { methodNotAllowed } from "../../shared/http.ts";
import { page } from "../../shared/pages.ts";
import { isName, queryOf } from "../../shared/parameters.ts";
import { engineId, unknownEngine } from "./named_engine.ts";
import { Query } from "./parameters.ts";
import { type Answer, columns, Fleet, Health, HealthReport, Retraining } from "./rows.ts";

/**
 * Adds the endpoints to the app.
 *
 * @param client Makes the client that has the rights of whoever sent a request.
 */
export function addHealth(app: Hono, client: (c: Context) => SupabaseClient): void {
  app.get("/engines/:unit_number/health", async (c) => {
    const { reports: most } = queryOf(c, Query.health);
    const unitNumber = c.req.param("unit_number");
    const as = client(c);
    if (!isName(unitNumber)) throw unknownEngine(unitNumber);
    const [row] = await readableRows(
      as,
      "engine_health",
      as.from("engine_health").select(columns(Health)).eq("unit_number", unitNumber),
    );
    if (row === undefined) throw unknownEngine(unitNumber);
    const reports = await readableRows(
      as,
      "engine_health_reports",
      as.from("engine_health_reports").select(columns(HealthReport))
        .eq("engine_id", await engineId(as, unitNumber))
        .order("as_of", { ascending: false }).limit(most),
    );
    const answer = { engine: Health.parse(row), reports: z.array(HealthReport).parse(reports) };
    return c.json(answer satisfies z.output<typeof Answer.health>);
  });

  app.get("/fleet", async (c) => {
    const { dataset } = queryOf(c, Query.fleet);
    const as = client(c);
    const query = whereText(as.from("fleet_health").select(columns(Fleet)), "dataset", dataset);
    const rows = await readableRows(as, "fleet_health", query.order("dataset").order("cohort"));
    return c.json({ fleets: z.array(Fleet).parse(rows) } satisfies z.output<typeof Answer.fleet>);
  });

  app.get("/retraining", async (c) => {
    const { retrain, limit, cursor } = queryOf(c, Query.retraining);
    const as = client(c);
    let query = as.from("retraining_decisions").select(columns(Retraining));
    if (retrain !== undefined) query = query.is("retrain", retrain === "true");
    if (cursor !== undefined) query = query.lt("as_of", cursor);
    const rows = await readableRows(
      as,
      "retraining_decisions",
      query.order("as_of", { ascending: false }).limit(limit),
    );
    const { rows: decisions, next } = page(Retraining, rows, limit, ({ as_of }) => as_of);
    return c.json({ decisions, next } satisfies z.output<typeof Answer.retraining>);
  });

  for (const path of ["/engines/:unit_number/health", "/fleet", "/retraining"]) {
    app.all(path, methodNotAllowed("GET"));
  }
}
