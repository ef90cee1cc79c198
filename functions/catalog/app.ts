/** The function `catalog`: what there is, where it comes from and where it goes, over HTTP. */

import type { Context, Hono } from "hono";
import { z } from "zod";
import {
  callersClient,
  type DataApiAccess,
  quoted,
  readableRows,
  requireReadable,
  rowsOf,
  whereText,
} from "../../shared/data_api.ts";
import { addDocument } from "../../shared/document_route.ts";
import { addHealthEndpoints, dataApiProbe } from "../../shared/health.ts";
import { functionApp, methodNotAllowed } from "../../shared/http.ts";
import { page } from "../../shared/pages.ts";
import { queryOf } from "../../shared/parameters.ts";
import { Problem } from "../../shared/problem.ts";
import { allOpenapi } from "./all_openapi.ts";
import { openapi } from "./openapi.ts";
import { Query } from "./parameters.ts";
import {
  Answer,
  AssetWithColumns,
  LakeObject,
  PlacedEvent,
  ReadingLineage,
  SchemaChange,
  SchemaVersion,
} from "./rows.ts";

export interface CatalogDependencies {
  /** How everything is read, with the caller's own rights. */
  readonly dataApi: DataApiAccess;
}

/** What no name of an asset and no key of the lake has in it. */
// deno-lint-ignore no-control-regex
const IMPOSSIBLE = /["\\\u0000-\u001f]/;

function notFound(what: string): Problem {
  return new Problem(404, "not-found", `Cannot find ${what.slice(0, 200)}`);
}

function columns(schema: z.ZodObject): string {
  return Object.keys(schema.shape).join(",");
}

/**
 * The app.
 *
 * Everything is read through the Data API with the caller's key or token, so that row-level security decides. Problem
 * details everywhere: 400 a parameter is not valid, 401 no valid key, 403 the key does not allow it, 404 there is no
 * such thing, 503 database away.
 */
export function createApp({ dataApi }: CatalogDependencies): Hono {
  const app = functionApp("catalog", {
    unavailable: "Nothing was changed: send the same request again",
    internal: "The error is in the function's log",
  });
  const client = (c: Context) => callersClient(c.req.raw.headers, dataApi);

  app.get("/assets", async (c) => {
    const as = client(c);
    const rows = await readableRows(as, "catalog_assets", as.rpc("find_assets", queryOf(c, Query.assets)));
    return c.json(Answer.assets.parse({ assets: rows }));
  });

  // a prefix of the lake has slashes in it, and its last one is lost on the way
  app.get("/assets/:name{.+}", async (c) => {
    queryOf(c, Query.asset);
    const asked = c.req.param("name").replace(/\/$/, "");
    const as = client(c);
    const rows = IMPOSSIBLE.test(asked) ? [] : await rowsOf(
      as.from("catalog_assets").select(columns(AssetWithColumns))
        .filter("name", "in", `(${quoted(asked)},${quoted(`${asked}/`)})`),
    );
    const [asset] = z.array(AssetWithColumns).parse(rows);
    if (asset === undefined) throw notFound(`the asset ${asked}: the catalogue has none of this name`);
    const [versions, changes] = await Promise.all([
      rowsOf(
        whereText(as.from("asset_schemas").select(columns(SchemaVersion)), "asset", asset.name)
          .order("version", { ascending: false }),
      ),
      rowsOf(
        whereText(as.from("asset_schema_changes").select(columns(SchemaChange)), "asset", asset.name)
          .order("column_name"),
      ),
    ]);
    return c.json(Answer.asset.parse({ asset, schema_versions: versions, schema_changes: changes }));
  });

  app.get("/lineage", async (c) => {
    const { job, run, dataset, from, to, limit, cursor } = queryOf(c, Query.lineage);
    const rows = await rowsOf(
      client(c).rpc("find_lineage", {
        ...{ job, run, dataset },
        since: from,
        until: to,
        before: cursor,
        max_rows: limit,
      }),
    );
    const { rows: placed, next } = page(PlacedEvent, rows, limit, ({ place }) => place);
    return c.json(
      { events: placed.map(({ event }) => event), next } satisfies z.output<typeof Answer.lineage>,
    );
  });

  app.get("/lineage/readings", async (c) => {
    const { engine, cycle, timestamp } = queryOf(c, Query.readings);
    const rows = await rowsOf(
      client(c).rpc("reading_lineage", { unit_number: engine, cycle, at: timestamp }),
    );
    const readings = z.array(ReadingLineage).parse(rows);
    if (readings.length === 0) {
      throw notFound(
        `a reading of ${engine} in cycle ${cycle}${timestamp === undefined ? "" : ` at ${timestamp}`}`,
      );
    }
    return c.json({ readings } satisfies z.output<typeof Answer.readings>);
  });

  app.get("/lineage/graph", async (c) => {
    const { from } = queryOf(c, Query.graph);
    const as = client(c);
    const graph = Answer.graph.parse(await rowsOf(as.rpc("lineage_graph", { since: from })));
    if (graph.nodes.length === 0) await requireReadable(as, "data_assets");
    return c.json(graph);
  });

  app.get("/lake", async (c) => {
    const { prefix, limit, cursor } = queryOf(c, Query.lake);
    const as = client(c);
    const rows = await readableRows(
      as,
      "lake_objects",
      as.rpc("lake_listing", { prefix, after: cursor, max_rows: limit }),
    );
    const { rows: objects, next } = page(LakeObject, rows, limit, ({ key }) => key);
    return c.json({ objects, next } satisfies z.output<typeof Answer.lake>);
  });

  app.get("/lake/:key{.+}", async (c) => {
    queryOf(c, Query.object);
    const key = c.req.param("key");
    const object = IMPOSSIBLE.test(key) ? null : await rowsOf(client(c).rpc("lake_object_contents", { key }));
    if (object === null) throw notFound(`the object ${key}: lake_objects has none of this key`);
    return c.json(Answer.object.parse(object));
  });

  addHealthEndpoints(app, [dataApiProbe(dataApi)]);
  addDocument(app, "/openapi.json", openapi);
  addDocument(app, "/openapi/all.json", allOpenapi);
  for (
    const path of [
      "/assets",
      "/assets/:name{.+}",
      "/lineage",
      "/lineage/readings",
      "/lineage/graph",
      "/lake",
      "/lake/:key{.+}",
    ]
  ) {
    app.all(path, methodNotAllowed("GET"));
  }
  return app;
}
