/** What is drawn: the readings of an engine over time, and what arrives. */

import type { SupabaseClient } from "@supabase/supabase-js";
import type { Context, Hono } from "hono";
import { z } from "zod";
import { requireReadable, rowsOf, whereText } from "../../shared/data_api.ts";
import { methodNotAllowed } from "../../shared/http.ts";
import { isName, queryOf } from "../../shared/parameters.ts";
import { engineId, unknownEngine } from "./named_engine.ts";
import { Query } from "./parameters.ts";
import { type Answer, Arrivals, ChartAnomaly, columns, Prediction, Series } from "./rows.ts";

/** What a chart shows at most of each; a screen is not much wider. */
const MOST_MARKS = 1000;

/**
 * Adds the endpoints to the app.
 *
 * @param client Makes the client that has the rights of whoever sent a request.
 */
export function addCharts(app: Hono, client: (c: Context) => SupabaseClient): void {
  app.get("/engines/:unit_number/series", async (c) => {
    const { since, until, slots, condition } = queryOf(c, Query.series);
    const unitNumber = c.req.param("unit_number");
    const as = client(c);
    if (!isName(unitNumber)) throw unknownEngine(unitNumber);
    const id = await engineId(as, unitNumber);
    const detector = rowsOf(as.from("model_settings").select("anomaly_detector")).then(([settings]) =>
      settings?.anomaly_detector
    );
    let anomalies = whereText(
      as.from("anomalies").select(columns(ChartAnomaly)).eq("engine_id", id),
      "detector",
      await detector,
    );
    if (since !== undefined) anomalies = anomalies.gte("timestamp", since);
    if (until !== undefined) anomalies = anomalies.lte("timestamp", until);
    const [series, found, predictions] = await Promise.all([
      rowsOf(as.rpc("engine_series", { unit_number: unitNumber, since, until, slots, condition })),
      rowsOf(anomalies.order("timestamp", { ascending: false }).limit(MOST_MARKS)),
      rowsOf(
        as.from("engine_predictions").select(columns(Prediction)).eq("engine_id", id)
          .order("id", { ascending: false }).limit(MOST_MARKS),
      ),
    ]);
    const parsed = Series.parse(series);
    // to whoever may not read them, the engine has no readings, none of them is strange, and nobody knows its life
    const assets = [
      ...parsed.readings === 0 ? ["sensor_data", "classified_readings"] : [],
      ...found.length === 0 ? ["anomalies", "model_settings"] : [],
      ...predictions.length === 0 ? ["engine_predictions"] : [],
    ];
    for (const asset of assets) await requireReadable(as, asset);
    return c.json(
      {
        series: parsed,
        anomalies: z.array(ChartAnomaly).parse(found.toReversed()),
        predictions: z.array(Prediction).parse(predictions.toReversed()),
      } satisfies z.output<typeof Answer.series>,
    );
  });

  app.get("/arrivals", async (c) => {
    const { seconds, slots } = queryOf(c, Query.arrivals);
    const as = client(c);
    const arrivals = Arrivals.parse(await rowsOf(as.rpc("arrivals", { seconds, slots })));
    if (arrivals.last_at === null) await requireReadable(as, "batches");
    if (arrivals.latency.readings === 0) {
      for (const asset of ["engines", "sensor_data"]) await requireReadable(as, asset);
    }
    return c.json(arrivals satisfies z.output<typeof Answer.arrivals>);
  });

  for (const path of ["/engines/:unit_number/series", "/arrivals"]) app.all(path, methodNotAllowed("GET"));
}
