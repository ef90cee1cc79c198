import assert from "node:assert/strict";
import { Body, Query } from "../../../functions/quality/parameters.ts";
import { qualityServer } from "../../support/quality_server.ts";
import { recordRun } from "../../support/quality.ts";

Deno.test("the OpenAPI document needs no key, and names every endpoint with its parameters and answers", async () => {
  await using server = await qualityServer();
  const response = await fetch(`${server.url}/openapi.json`);
  assert.equal(response.status, 200);
  const document = await response.json();

  assert.equal(document.openapi, "3.1.0");
  const endpoints = Object.entries<object>(document.paths)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  assert.deepEqual(endpoints.sort(), [
    "get /quality/alerts",
    "get /quality/alerts/{id}",
    "get /quality/anomalies",
    "get /quality/anomalies/episodes",
    "get /quality/arrivals",
    "get /quality/dead-letters",
    "get /quality/drift",
    "get /quality/engines",
    "get /quality/engines/{unit_number}",
    "get /quality/engines/{unit_number}/anomalies",
    "get /quality/engines/{unit_number}/health",
    "get /quality/engines/{unit_number}/predictions",
    "get /quality/engines/{unit_number}/series",
    "get /quality/fleet",
    "get /quality/fleet/engines",
    "get /quality/health/live",
    "get /quality/health/ready",
    "get /quality/history",
    "get /quality/metrics",
    "get /quality/pipelines",
    "get /quality/pipelines/{pipeline}/runs",
    "get /quality/pipelines/{pipeline}/runs/{id}",
    "get /quality/predictions",
    "get /quality/predictions/latest",
    "get /quality/prometheus",
    "get /quality/retraining",
    "get /quality/runs",
    "get /quality/slo",
    "get /quality/summary",
    "post /quality/alerts/{id}/ack",
    "post /quality/dead-letters/replay",
    "post /quality/dead-letters/{id}/correction",
    "post /quality/pipelines/{pipeline}/backfill",
    "post /quality/pipelines/{pipeline}/runs/{id}/cancel",
    "post /quality/pipelines/{pipeline}/runs/{id}/rerun",
    "post /quality/predictions",
    "post /quality/run",
  ]);
  const names = (path: string) =>
    document.paths[path].get.parameters.map(({ name }: { name: string }) => name).sort();
  assert.deepEqual(names("/quality/metrics"), Object.keys(Query.metrics.shape).sort());
  assert.deepEqual(names("/quality/engines/{unit_number}"), ["unit_number"]);

  const [hours] = document.paths["/quality/summary"].get.parameters;
  assert.deepEqual([hours.schema.type, hours.schema.minimum, hours.schema.maximum, hours.schema.default], [
    "integer",
    1,
    2160,
    24,
  ]);
  const { requestBody } = document.paths["/quality/run"].post;
  assert.deepEqual(
    Object.keys(requestBody.content["application/json"].schema.properties),
    Object.keys(Body.run.shape),
  );
  assert.equal(requestBody.required, false);
  assert.equal(document.paths["/quality/alerts/{id}/ack"].post.requestBody.required, true);

  // every schema that is referred to is there
  const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g);
  for (const [, name] of references) assert.ok(name in document.components.schemas, name);
});

Deno.test("an answer has the members that the document says it has", async () => {
  await using server = await qualityServer();
  await recordRun(server.db.sql, 1, [{ metric: "volume" }]);
  const { components: { schemas } } = await (await fetch(`${server.url}/openapi.json`)).json();
  const { body } = await server.get("/summary");
  assert.deepEqual(Object.keys(body).sort(), schemas.summary.required.toSorted());
  assert.deepEqual(
    Object.keys(body.checks[0]).sort(),
    schemas.summary.properties.checks.items.required.toSorted(),
  );
  assert.equal(schemas.runs.properties.runs.items.properties.as_of.format, "date-time");
});
