/** Predicted remaining lives: those of anyone's own model kept, all of them read. */

import type { SupabaseClient } from "@supabase/supabase-js";
import type { Context, Hono } from "hono";
import type postgres from "postgres";
import type { z } from "zod";
import { readText } from "../../shared/body.ts";
import { quoted, readableRows, whereText } from "../../shared/data_api.ts";
import { methodNotAllowed, requireKey } from "../../shared/http.ts";
import type { KeyRing } from "../../shared/keys.ts";
import { page } from "../../shared/pages.ts";
import { isName, queryOf } from "../../shared/parameters.ts";
import { Problem } from "../../shared/problem.ts";
import { MOST_PREDICTIONS, predictionsIn } from "../../shared/rul/posted_prediction.ts";
import { storePredictions } from "../../shared/rul/store_predictions.ts";
import { engineId, unknownEngine } from "./named_engine.ts";
import { Query } from "./parameters.ts";
import { type Answer, columns, LatestPrediction, Prediction } from "./rows.ts";

/** Bytes of a body of predictions: as many as one request may have, with room for long names. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Errors listed in one answer; the count of rejected predictions is exact whatever this is. */
const MOST_ERRORS = 100;

const byId = ({ id }: { id: number }) => id;

function unreadable(detail: string): Problem {
  return new Problem(400, "unreadable-body", detail);
}

async function sentPredictions(request: Request): Promise<readonly unknown[]> {
  let body: unknown;
  try {
    body = JSON.parse(await readText(request, MAX_BODY_BYTES));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw unreadable("Cannot read the body as it must be JSON");
  }
  const predictions = predictionsIn(body);
  if (predictions === undefined) {
    throw unreadable(
      'Cannot read the body as it must be a prediction, an array of predictions or {"predictions": […]}',
    );
  }
  if (predictions.length > MOST_PREDICTIONS) {
    throw new Problem(
      413,
      "body-too-large",
      `Cannot accept the body as it must have at most ${MOST_PREDICTIONS} predictions: current value is ${predictions.length}`,
    );
  }
  return predictions;
}

/**
 * Adds the endpoints to the app.
 *
 * @param dependencies.sql As the database's owner; only for what writes.
 * @param dependencies.keys Who may write.
 * @param dependencies.client Makes the client that has the rights of whoever sent a request.
 */
export function addPredictions(app: Hono, { sql, keys, client }: {
  readonly sql: postgres.Sql;
  readonly keys: KeyRing;
  readonly client: (c: Context) => SupabaseClient;
}): void {
  app.get("/predictions", async (c) => {
    const { engine, model, since, limit, cursor } = queryOf(c, Query.predictions);
    const as = client(c);
    let query = as.from("engine_predictions").select(columns(Prediction));
    query = whereText(whereText(query, "unit_number", engine), "model_name", model);
    if (since !== undefined) query = query.gte("predicted_at", since);
    if (cursor !== undefined) query = query.lt("id", cursor);
    const rows = await readableRows(
      as,
      "engine_predictions",
      query.order("id", { ascending: false }).limit(limit),
    );
    if (rows.length === 0 && engine !== undefined) await engineId(as, engine);
    const { rows: predictions, next } = page(Prediction, rows, limit, byId);
    return c.json({ predictions, next } satisfies z.output<typeof Answer.predictions>);
  });

  app.get("/predictions/latest", async (c) => {
    const { engine, model, preferred, limit, cursor } = queryOf(c, Query.latestPredictions);
    const as = client(c);
    let query = as.from("latest_predictions").select(columns(LatestPrediction));
    query = whereText(whereText(query, "unit_number", engine), "model_name", model);
    if (preferred !== undefined) query = query.is("preferred", preferred === "true");
    if (cursor !== undefined) {
      const [unit, after] = cursor.split("~").map(quoted);
      query = query.or(`unit_number.gt.${unit},and(unit_number.eq.${unit},model_name.gt.${after})`);
    }
    const rows = await readableRows(
      as,
      "latest_predictions",
      query.order("unit_number").order("model_name").limit(limit),
    );
    if (rows.length === 0 && engine !== undefined) await engineId(as, engine);
    const { rows: predictions, next } = page(
      LatestPrediction,
      rows,
      limit,
      ({ unit_number, model_name }) => `${unit_number}~${model_name}`,
    );
    return c.json({ predictions, next } satisfies z.output<typeof Answer.latestPredictions>);
  });

  app.get("/engines/:unit_number/predictions", async (c) => {
    const { model, limit, cursor } = queryOf(c, Query.enginePredictions);
    const unitNumber = c.req.param("unit_number");
    const as = client(c);
    if (!isName(unitNumber)) throw unknownEngine(unitNumber);
    let query = as.from("engine_predictions").select(columns(Prediction))
      .eq("engine_id", await engineId(as, unitNumber));
    query = whereText(query, "model_name", model);
    if (cursor !== undefined) query = query.lt("id", cursor);
    const rows = await readableRows(
      as,
      "engine_predictions",
      query.order("id", { ascending: false }).limit(limit),
    );
    const { rows: predictions, next } = page(Prediction, rows, limit, byId);
    return c.json({ predictions, next } satisfies z.output<typeof Answer.predictions>);
  });

  app.post("/predictions", requireKey(keys), async (c) => {
    const { accepted, duplicates, rejections } = await storePredictions(
      sql,
      await sentPredictions(c.req.raw),
    );
    const answer = {
      accepted,
      duplicates,
      rejected: rejections.length,
      errors: rejections.slice(0, MOST_ERRORS),
    };
    return c.json(answer satisfies z.output<typeof Answer.storedPredictions>);
  });

  app.all("/predictions", methodNotAllowed("GET, POST"));
  for (const path of ["/predictions/latest", "/engines/:unit_number/predictions"]) {
    app.all(path, methodNotAllowed("GET"));
  }
}
