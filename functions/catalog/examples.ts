/** Requests that the OpenAPI document of this function shows. */

import type { Example } from "../../shared/openapi_examples.ts";

const KEY = "processed/year=2024/month=01/day=01/sensor_data.parquet";

export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "GET /catalog/assets": [
    { name: "found", summary: "Tables about readings", query: { kind: "table", q: "readings" } },
  ],
  "GET /catalog/assets/{name}": [
    { name: "table", summary: "A table", path: { name: "sensor_data" } },
    { name: "unknown", summary: "No such asset", path: { name: "sensor_dta" }, status: 404 },
  ],
  "GET /catalog/lineage": [
    { name: "job", summary: "Runs of the checks", query: { job: "run_checks", limit: "1" } },
  ],
  "GET /catalog/lineage/readings": [
    {
      name: "reading",
      summary: "A reading that is in Postgres and in the lake",
      query: { engine: "ENGINE_003", cycle: "1" },
    },
    {
      name: "unknown",
      summary: "No such reading",
      query: { engine: "ENGINE_999", cycle: "1" },
      status: 404,
    },
  ],
  "GET /catalog/lineage/graph": [
    { name: "since", summary: "What has run since a moment", query: { from: "2024-01-01T00:00:00Z" } },
  ],
  "GET /catalog/lake": [
    { name: "days", summary: "Archived days", query: { prefix: "processed/year=", limit: "1" } },
  ],
  "GET /catalog/lake/{key}": [
    { name: "day", summary: "An archived day", path: { key: KEY } },
    { name: "unknown", summary: "No such object", path: { key: "raw/nothing" }, status: 404 },
  ],
};
