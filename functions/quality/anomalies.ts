/** What detectors have found: anomalies, their episodes, and the last readings of an engine. */

import type { SupabaseClient } from "@supabase/supabase-js";
import type { Context, Hono } from "hono";
import { z } from "zod";
import { readableRows, requireReadable, rowsOf, whereText } from "../../shared/data_api.ts";
import { methodNotAllowed } from "../../shared/http.ts";
import { page } from "../../shared/pages.ts";
import { isName, queryOf } from "../../shared/parameters.ts";
import { engineId, unknownEngine } from "./named_engine.ts";
import { Query } from "./parameters.ts";
import { Anomaly, AnomalyEpisode, type Answer, columns, RecentReading } from "./rows.ts";

const byId = ({ id }: { id: number }) => id;

/**
 * Adds the endpoints to the app.
 *
 * @param client Makes the client that has the rights of whoever sent a request.
 */
export function addAnomalies(app: Hono, client: (c: Context) => SupabaseClient): void {
  app.get("/anomalies", async (c) => {
    const { engine, detector, severity, since, until, limit, cursor } = queryOf(c, Query.anomalies);
    const as = client(c);
    let query = as.from("anomalies").select(`${columns(Anomaly, ["unit_number"])},...engines(unit_number)`);
    query = whereText(whereText(query, "detector", detector), "severity", severity);
    if (engine !== undefined) query = query.eq("engine_id", await engineId(as, engine));
    if (since !== undefined) query = query.gte("timestamp", since);
    if (until !== undefined) query = query.lt("timestamp", until);
    if (cursor !== undefined) query = query.lt("id", cursor);
    const rows = await readableRows(as, "anomalies", query.order("id", { ascending: false }).limit(limit));
    const { rows: anomalies, next } = page(Anomaly, rows, limit, byId);
    return c.json({ anomalies, next } satisfies z.output<typeof Answer.anomalies>);
  });

  app.get("/anomalies/episodes", async (c) => {
    const { engine, detector, severity, open, since, until, limit, cursor } = queryOf(c, Query.episodes);
    const as = client(c);
    let query = as.from("anomaly_episodes")
      .select(`${columns(AnomalyEpisode, ["unit_number"])},...engines(unit_number)`);
    query = whereText(whereText(query, "detector", detector), "severity", severity);
    if (engine !== undefined) query = query.eq("engine_id", await engineId(as, engine));
    if (open !== undefined) query = query.is("open", open === "true");
    if (since !== undefined) query = query.gte("ended_at", since);
    if (until !== undefined) query = query.lt("started_at", until);
    if (cursor !== undefined) query = query.lt("id", cursor);
    const rows = await readableRows(
      as,
      "anomaly_episodes",
      query.order("id", { ascending: false }).limit(limit),
    );
    const { rows: episodes, next } = page(AnomalyEpisode, rows, limit, byId);
    return c.json({ episodes, next } satisfies z.output<typeof Answer.episodes>);
  });

  app.get("/engines/:unit_number/anomalies", async (c) => {
    const { n } = queryOf(c, Query.recentAnomalies);
    const unitNumber = c.req.param("unit_number");
    const as = client(c);
    if (!isName(unitNumber)) throw unknownEngine(unitNumber);
    await engineId(as, unitNumber);
    const rows = await rowsOf(as.rpc("recent_anomalies", { unit_number: unitNumber, n }));
    const readings = z.array(RecentReading).parse(rows);
    // to whoever may not read what is said of readings, each of them looks healthy
    if (!readings.some(({ is_anomaly }) => is_anomaly)) {
      for (const asset of ["sensor_data", "model_settings", "anomalies"]) await requireReadable(as, asset);
    }
    return c.json({ unit_number: unitNumber, readings } satisfies z.output<typeof Answer.recentAnomalies>);
  });

  for (const path of ["/anomalies", "/anomalies/episodes", "/engines/:unit_number/anomalies"]) {
    app.all(path, methodNotAllowed("GET"));
  }
}
