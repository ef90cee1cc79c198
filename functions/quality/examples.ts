/** Requests that the OpenAPI document of this function shows. */

import type { Example } from "../../shared/openapi_examples.ts";

const ENGINE = { unit_number: "ENGINE_001" };
const UNKNOWN: Example = {
  name: "unknown",
  summary: "No such engine",
  path: { unit_number: "ENGINE_999" },
  status: 404,
};

export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "POST /quality/run": [
    { name: "day", summary: "The last day", body: { hours: 24 } },
    { name: "invalid", summary: "A window that cannot be", body: { hours: 0 }, breaks: true, status: 400 },
  ],
  "POST /quality/predictions": [
    {
      name: "one",
      summary: "What a model of your own says of an engine",
      body: {
        engine_id: "ENGINE_001",
        cycle: 110,
        predicted_rul: 61.5,
        lower_bound: 40,
        upper_bound: 88,
        interval_level: 0.9,
        model_name: "my-model",
        model_version: "3",
        predicted_at: "2024-05-01T00:00:00Z",
      },
    },
    {
      name: "some",
      summary: "Two, one of which is not valid",
      body: {
        predictions: [
          {
            engine_id: "ENGINE_002",
            cycle: 110,
            predicted_rul: 90,
            model_name: "my-model",
            model_version: "3",
          },
          {
            engine_id: "ENGINE_002",
            cycle: 111,
            predicted_rul: -1,
            model_name: "my-model",
            model_version: "3",
          },
        ],
      },
      breaks: true,
    },
  ],
  "GET /quality/slo": [{ name: "day", summary: "The last day", query: { hours: "24" } }],
  "GET /quality/prometheus": [{ name: "all", summary: "Every metric" }],
  "GET /quality/fleet/engines": [{ name: "all", summary: "The whole fleet" }],
  "GET /quality/engines/{unit_number}/series": [
    { name: "life", summary: "The life of an engine", path: ENGINE },
    UNKNOWN,
  ],
  "GET /quality/arrivals": [{ name: "now", summary: "What has just arrived" }],
  "GET /quality/summary": [
    { name: "day", summary: "The last day", query: { hours: "24" } },
    { name: "invalid", summary: "A parameter that cannot be", query: { hours: "never" }, status: 400 },
  ],
  "GET /quality/engines": [{ name: "first", summary: "The first two", query: { limit: "2" } }],
  "GET /quality/engines/{unit_number}": [{ name: "engine", summary: "One engine", path: ENGINE }, UNKNOWN],
  "GET /quality/engines/{unit_number}/health": [
    { name: "engine", summary: "One engine", path: ENGINE, query: { reports: "1" } },
    UNKNOWN,
  ],
  "GET /quality/fleet": [{ name: "all", summary: "Every fleet" }],
  "GET /quality/retraining": [{ name: "latest", summary: "The latest decision", query: { limit: "1" } }],
  "GET /quality/metrics": [
    {
      name: "metric",
      summary: "The latest verdicts on completeness",
      query: { metric: "completeness", limit: "2" },
    },
  ],
  "GET /quality/drift": [
    { name: "sensor", summary: "One sensor of one engine", query: { engine: "ENGINE_001", column: "s11" } },
  ],
  "GET /quality/runs": [{ name: "latest", summary: "The latest run", query: { limit: "1" } }],
  "GET /quality/alerts": [{ name: "unresolved", summary: "What is open", query: { limit: "1" } }],
  "GET /quality/alerts/{id}": [
    { name: "one", summary: "What happened to an alert", path: { id: "1" } },
    { name: "unknown", summary: "No such alert", path: { id: "999" }, status: 404 },
  ],
  "GET /quality/history": [{ name: "day", summary: "The last day" }],
  "GET /quality/pipelines": [{ name: "all", summary: "Every pipeline" }],
  "GET /quality/pipelines/{pipeline}/runs": [
    { name: "latest", summary: "The latest two", path: { pipeline: "hourly" }, query: { limit: "2" } },
  ],
  "GET /quality/pipelines/{pipeline}/runs/{id}": [
    { name: "one", summary: "A run", path: { pipeline: "hourly", id: "1" } },
  ],
  "POST /quality/pipelines/{pipeline}/backfill": [
    {
      name: "hours",
      summary: "Two hours of the past",
      path: { pipeline: "hourly" },
      body: { from: "2026-11-01T00:00:00Z", to: "2026-11-01T02:00:00Z" },
    },
  ],
  "POST /quality/pipelines/{pipeline}/runs/{id}/rerun": [
    {
      name: "task",
      summary: "A task and what follows it",
      path: { pipeline: "hourly", id: "1" },
      body: { task: "quality" },
    },
    {
      name: "under-way",
      summary: "Of a run that has not ended",
      path: { pipeline: "hourly", id: "1" },
      body: { task: "quality" },
      status: 409,
    },
  ],
  "POST /quality/pipelines/{pipeline}/runs/{id}/cancel": [
    { name: "queued", summary: "A run that waits", path: { pipeline: "hourly", id: "2" }, body: {} },
    {
      name: "ended",
      summary: "A run that has ended",
      path: { pipeline: "hourly", id: "2" },
      body: {},
      status: 409,
    },
  ],
  "POST /quality/dead-letters/{id}/correction": [
    {
      name: "value",
      summary: "What is to be stored instead",
      path: { id: "1" },
      body: { correction: '{"engine_id":"ENGINE_001","cycle":1}' },
    },
    {
      name: "replayed",
      summary: "One that has been replayed",
      path: { id: "2" },
      body: { correction: null },
      status: 409,
    },
  ],
  "POST /quality/alerts/{id}/ack": [
    {
      name: "taken",
      summary: "Somebody takes it on",
      path: { id: "1" },
      body: { acknowledged_by: "engineer@example.com" },
    },
    {
      name: "again",
      summary: "It was taken on before",
      path: { id: "1" },
      body: { acknowledged_by: "somebody@example.com" },
      status: 409,
    },
  ],
  "GET /quality/anomalies": [
    { name: "engine", summary: "Of one engine", query: { engine: "ENGINE_001", limit: "1" } },
  ],
  "GET /quality/anomalies/episodes": [{ name: "latest", summary: "The latest", query: { limit: "1" } }],
  "GET /quality/engines/{unit_number}/anomalies": [
    { name: "recent", summary: "The last two readings", path: ENGINE, query: { n: "2" } },
    UNKNOWN,
  ],
  "GET /quality/predictions": [
    { name: "model", summary: "Of one model", query: { model: "my-model", limit: "1" } },
  ],
  "GET /quality/predictions/latest": [
    { name: "engine", summary: "Of one engine", query: { engine: "ENGINE_001" } },
  ],
  "GET /quality/engines/{unit_number}/predictions": [
    { name: "latest", summary: "The latest", path: ENGINE, query: { limit: "1" } },
    UNKNOWN,
  ],
  "GET /quality/dead-letters": [{ name: "open", summary: "The latest open one", query: { limit: "1" } }],
  "POST /quality/dead-letters/replay": [
    { name: "one", summary: "One of them", body: { ids: [1] } },
  ],
};
