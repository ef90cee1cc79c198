/** The function `quality`: what the checks say, over HTTP. */

import type { Context, Hono } from "hono";
import type postgres from "postgres";
import { z } from "zod";
import { Metric, Run, runChecks, worst } from "../../shared/checks.ts";
import {
  callersClient,
  type DataApiAccess,
  quoted,
  readableRows,
  requireReadable,
  rowsOf,
  whereText,
} from "../../shared/data_api.ts";
import { replayDeadLetters } from "../../shared/dead_letters.ts";
import { addDocument } from "../../shared/document_route.ts";
import { addHealthEndpoints, dataApiProbe, databaseProbe } from "../../shared/health.ts";
import { functionApp, methodNotAllowed, requireKey } from "../../shared/http.ts";
import type { KeyRing } from "../../shared/keys.ts";
import { page } from "../../shared/pages.ts";
import { bodyOf, isName, pathId, queryOf } from "../../shared/parameters.ts";
import { acknowledge } from "./alerts.ts";
import { addAnomalies } from "./anomalies.ts";
import { addCharts } from "./charts.ts";
import { addCorrections } from "./corrections.ts";
import { addFleetEngines } from "./fleet_engines.ts";
import { addHealth } from "./health.ts";
import { addHistories } from "./histories.ts";
import { engineId, unknownEngine } from "./named_engine.ts";
import { addMonitoring } from "./monitoring.ts";
import { openapi } from "./openapi.ts";
import { Body, Query } from "./parameters.ts";
import { addPipelines } from "./pipelines.ts";
import { addPredictions } from "./predictions.ts";
import { Alert, Answer, Check, columns, DeadLetter, Drift, Engine } from "./rows.ts";

export interface QualityDependencies {
  /** As the database's owner; only for what writes. */
  readonly sql: postgres.Sql;
  /** Who may write. */
  readonly keys: KeyRing;
  /** How everything is read, with the caller's own rights. */
  readonly dataApi: DataApiAccess;
}

const HOUR_MS = 3_600_000;

const byId = ({ id }: { id: number }) => id;

/** Columns of sensor_drift with the engine's name; engine_id is what the pages are ordered by. */
const DRIFT_COLUMNS = `engine_id,${columns(Drift, ["unit_number"])},...engines(unit_number)`;
const DriftRow = Drift.extend({ engine_id: z.uuid() });

/**
 * The app.
 *
 * Reads are sent to the Data API with the caller's key or token, so that row-level security decides; what it denies
 * is a problem, never an empty list. Writes need a secret key or an ingest key.
 *
 * Problem details everywhere: 400 a parameter is not valid, 401 no valid key, 403 the key does not allow it, 404
 * there is no such thing, 503 database away.
 */
export function createApp({ sql, keys, dataApi }: QualityDependencies): Hono {
  const app = functionApp("quality", {
    unavailable:
      "What was asked for takes effect whole or not at all, and whether it did is not certain: send the " +
      "same request again",
    internal: "The error is in the function's log",
  });
  const client = (c: Context) => callersClient(c.req.raw.headers, dataApi);

  app.get("/summary", async (c) => {
    const { hours } = queryOf(c, Query.summary);
    // until is left to the database: its clock, not this one, has stamped the latest verdicts
    const since = new Date(Date.now() - hours * HOUR_MS).toISOString();
    const as = client(c);
    const rows = await rowsOf(as.rpc("quality_summary_between", { since }));
    const checks = z.array(Check).parse(rows);
    // to whoever may not read the verdicts everything looks as if it had not been evaluated
    if (checks.every((check) => check.status === "not_evaluated")) {
      await requireReadable(as, "data_quality_metrics");
    }
    const status = worst(checks.map((check) => check.status));
    return c.json({ hours, status, checks } satisfies z.output<typeof Answer.summary>);
  });

  app.get("/engines", async (c) => {
    const { health, dataset, limit, cursor } = queryOf(c, Query.engines);
    const as = client(c);
    let query = as.from("engine_health").select(columns(Engine));
    query = whereText(whereText(query, "health", health), "dataset", dataset);
    if (cursor !== undefined) query = query.or(`unit_number.gt.${quoted(cursor)}`);
    const rows = await readableRows(as, "engine_health", query.order("unit_number").limit(limit));
    const { rows: engines, next } = page(Engine, rows, limit, ({ unit_number }) => unit_number);
    return c.json({ engines, next } satisfies z.output<typeof Answer.engines>);
  });

  app.get("/engines/:unit_number", async (c) => {
    queryOf(c, Query.engine);
    const unitNumber = c.req.param("unit_number");
    const as = client(c);
    if (!isName(unitNumber)) throw unknownEngine(unitNumber);
    const [row] = await readableRows(
      as,
      "engine_health",
      as.from("engine_health").select(columns(Engine)).eq("unit_number", unitNumber),
    );
    if (row === undefined) throw unknownEngine(unitNumber);
    const drift = await readableRows(
      as,
      "sensor_drift",
      as.from("sensor_drift").select(DRIFT_COLUMNS).eq("engine_id", await engineId(as, unitNumber))
        .order("column_name"),
    );
    const answer = { engine: Engine.parse(row), sensors: z.array(Drift).parse(drift) };
    return c.json(answer satisfies z.output<typeof Answer.engine>);
  });

  app.get("/metrics", async (c) => {
    const { metric, column, engine, of, status, since, until, limit, cursor } = queryOf(c, Query.metrics);
    const as = client(c);
    let query = as.from("data_quality_metrics")
      .select(`${columns(Metric, ["unit_number"])},...engines(unit_number)`);
    query = whereText(whereText(query, "metric_name", metric), "column_name", column);
    if (engine !== undefined) query = query.eq("engine_id", await engineId(as, engine));
    if (of === "table") query = query.is("engine_id", null);
    if (of === "engines") query = query.not("engine_id", "is", null);
    if (status !== undefined) query = query.eq("status", status);
    if (since !== undefined) query = query.gte("check_timestamp", since);
    if (until !== undefined) query = query.lt("check_timestamp", until);
    if (cursor !== undefined) query = query.lt("id", cursor);
    const rows = await readableRows(
      as,
      "data_quality_metrics",
      query.order("id", { ascending: false }).limit(limit),
    );
    const { rows: metrics, next } = page(Metric, rows, limit, byId);
    return c.json({ metrics, next } satisfies z.output<typeof Answer.metrics>);
  });

  app.get("/drift", async (c) => {
    const { engine, column, verdict, limit, cursor } = queryOf(c, Query.drift);
    const as = client(c);
    let query = as.from("sensor_drift").select(DRIFT_COLUMNS);
    if (engine !== undefined) query = query.eq("engine_id", await engineId(as, engine));
    if (column !== undefined) query = query.eq("column_name", column);
    if (verdict !== undefined) query = query.eq("verdict", verdict);
    if (cursor !== undefined) {
      const [id, after] = cursor.split(".");
      query = query.or(
        `engine_id.gt.${quoted(id)},and(engine_id.eq.${quoted(id)},column_name.gt.${quoted(after)})`,
      );
    }
    const rows = await readableRows(
      as,
      "sensor_drift",
      query.order("engine_id").order("column_name").limit(limit),
    );
    const found = page(DriftRow, rows, limit, (row) => `${row.engine_id}.${row.column_name}`);
    const sensors = z.array(Drift).parse(found.rows);
    return c.json({ sensors, next: found.next } satisfies z.output<typeof Answer.drift>);
  });

  app.get("/runs", async (c) => {
    const { since, until, limit, cursor } = queryOf(c, Query.runs);
    const as = client(c);
    let query = as.from("check_runs").select(columns(Run));
    if (since !== undefined) query = query.gte("as_of", since);
    if (until !== undefined) query = query.lt("as_of", until);
    if (cursor !== undefined) query = query.lt("id", cursor);
    const rows = await readableRows(as, "check_runs", query.order("id", { ascending: false }).limit(limit));
    const { rows: runs, next } = page(Run, rows, limit, byId);
    return c.json({ runs, next } satisfies z.output<typeof Answer.runs>);
  });

  app.get("/alerts", async (c) => {
    const { state, limit, cursor } = queryOf(c, Query.alerts);
    const as = client(c);
    let query = as.from("alerts").select(columns(Alert));
    if (state === "unresolved") query = query.neq("state", "resolved");
    else if (state !== "all") query = query.eq("state", state);
    if (cursor !== undefined) query = query.lt("id", cursor);
    const rows = await readableRows(as, "alerts", query.order("id", { ascending: false }).limit(limit));
    const { rows: alerts, next } = page(Alert, rows, limit, byId);
    return c.json({ alerts, next } satisfies z.output<typeof Answer.alerts>);
  });

  app.get("/dead-letters", async (c) => {
    const { state, limit, cursor } = queryOf(c, Query.deadLetters);
    // as text: a payload may hold what JSON.parse would change, 1e400 for example
    const names = columns(DeadLetter, ["payload", "correction"]);
    const as = client(c);
    let query = as.from("dead_letters")
      .select(`${names},payload:payload::text,correction:correction::text`);
    if (state === "open") query = query.is("replayed_at", null);
    if (state === "replayed") query = query.not("replayed_at", "is", null);
    if (cursor !== undefined) query = query.lt("id", cursor);
    const rows = await readableRows(as, "dead_letters", query.order("id", { ascending: false }).limit(limit));
    const { rows: dead_letters, next } = page(DeadLetter, rows, limit, byId);
    return c.json({ dead_letters, next } satisfies z.output<typeof Answer.deadLetters>);
  });

  app.post("/run", requireKey(keys), async (c) => {
    const { hours, as_of } = await bodyOf(c, Body.run);
    return c.json(await runChecks(sql, hours, as_of ?? null) satisfies z.output<typeof Answer.run>);
  });

  app.post("/alerts/:id/ack", requireKey(keys), async (c) => {
    const id = pathId(c);
    const { acknowledged_by } = await bodyOf(c, Body.ack);
    return c.json(await acknowledge(sql, id, acknowledged_by) satisfies z.output<typeof Answer.alert>);
  });

  app.post("/dead-letters/replay", requireKey(keys), async (c) => {
    const { ids } = await bodyOf(c, Body.replay);
    return c.json(
      await replayDeadLetters(sql, "function quality", ids) satisfies z.output<typeof Answer.replay>,
    );
  });

  addAnomalies(app, client);
  addCharts(app, client);
  addFleetEngines(app, client);
  addHealth(app, client);
  addPredictions(app, { sql, keys, client });
  addHistories(app, client);
  addPipelines(app, { sql, keys, client });
  addCorrections(app, { sql, keys });
  addMonitoring(app, client);
  addHealthEndpoints(app, [databaseProbe(sql), dataApiProbe(dataApi)]);

  addDocument(app, "/openapi.json", openapi);
  for (
    const path of [
      "/summary",
      "/engines",
      "/engines/:unit_number",
      "/metrics",
      "/drift",
      "/runs",
      "/alerts",
      "/dead-letters",
    ]
  ) {
    app.all(path, methodNotAllowed("GET"));
  }
  for (const path of ["/run", "/alerts/:id/ack", "/dead-letters/replay"]) {
    app.all(path, methodNotAllowed("POST"));
  }
  return app;
}
