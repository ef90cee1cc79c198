/** Every engine in a line: what a view of the whole fleet shows. */

import type { SupabaseClient } from "@supabase/supabase-js";
import type { Context, Hono } from "hono";
import type { z } from "zod";
import { quoted, readableRows, whereText } from "../../shared/data_api.ts";
import { methodNotAllowed } from "../../shared/http.ts";
import { page } from "../../shared/pages.ts";
import { queryOf } from "../../shared/parameters.ts";
import { Query } from "./parameters.ts";
import { type Answer, columns, FleetEngine } from "./rows.ts";

/**
 * Adds the endpoint to the app.
 *
 * @param client Makes the client that has the rights of whoever sent a request.
 */
export function addFleetEngines(app: Hono, client: (c: Context) => SupabaseClient): void {
  app.get("/fleet/engines", async (c) => {
    const { dataset, limit, cursor } = queryOf(c, Query.fleetEngines);
    const as = client(c);
    let query = whereText(as.from("engine_health").select(columns(FleetEngine)), "dataset", dataset);
    if (cursor !== undefined) query = query.or(`unit_number.gt.${quoted(cursor)}`);
    const rows = await readableRows(as, "engine_health", query.order("unit_number").limit(limit));
    const { rows: engines, next } = page(FleetEngine, rows, limit, ({ unit_number }) => unit_number);
    return c.json({ engines, next } satisfies z.output<typeof Answer.fleetEngines>);
  });
  app.all("/fleet/engines", methodNotAllowed("GET"));
}
