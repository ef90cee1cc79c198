/** What came before: the verdicts of each check, and what happened to an alert. */

import type { SupabaseClient } from "@supabase/supabase-js";
import type { Context, Hono } from "hono";
import { z } from "zod";
import { readableRows, requireReadable, rowsOf } from "../../shared/data_api.ts";
import { methodNotAllowed } from "../../shared/http.ts";
import { pathId, queryOf } from "../../shared/parameters.ts";
import { Problem } from "../../shared/problem.ts";
import { Query } from "./parameters.ts";
import { Alert, AlertEvent, type Answer, CheckHistory, columns } from "./rows.ts";

const HOUR_MS = 3_600_000;

/**
 * Adds the endpoints to the app.
 *
 * @param client Makes the client that has the rights of whoever sent a request.
 */
export function addHistories(app: Hono, client: (c: Context) => SupabaseClient): void {
  app.get("/history", async (c) => {
    const { hours } = queryOf(c, Query.history);
    const as = client(c);
    // until is left to the database: its clock has stamped the latest verdicts
    const since = new Date(Date.now() - hours * HOUR_MS).toISOString();
    const rows = await rowsOf(as.rpc("check_history", { since }));
    const checks = z.array(CheckHistory).parse(rows);
    if (checks.length === 0) await requireReadable(as, "data_quality_metrics");
    return c.json({ hours, checks } satisfies z.output<typeof Answer.history>);
  });

  app.get("/alerts/:id", async (c) => {
    queryOf(c, Query.alert);
    const id = pathId(c);
    const as = client(c);
    const [row] = await readableRows(as, "alerts", as.from("alerts").select(columns(Alert)).eq("id", id));
    if (row === undefined) {
      throw new Problem(404, "not-found", `Cannot find the alert ${id}: no alert has this id`);
    }
    const events = await readableRows(
      as,
      "alert_events",
      as.from("alert_events").select(columns(AlertEvent)).eq("alert_id", id)
        .order("number", { ascending: false }),
    );
    const answer = { alert: Alert.parse(row), events: z.array(AlertEvent).parse(events) };
    return c.json(answer satisfies z.output<typeof Answer.alertHistory>);
  });

  for (const path of ["/history", "/alerts/:id"]) app.all(path, methodNotAllowed("GET"));
}
