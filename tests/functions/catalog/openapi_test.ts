import assert from "node:assert/strict";
import { Query } from "../../../functions/catalog/parameters.ts";
import { catalogServer } from "../../support/catalog_server.ts";

Deno.test("the OpenAPI document needs no key, and names every endpoint with its parameters and answers", async () => {
  await using server = await catalogServer();
  const response = await fetch(`${server.url}/openapi.json`);
  assert.equal(response.status, 200);
  const document = await response.json();
  assert.equal(document.openapi, "3.1.0");
  assert.deepEqual(Object.keys(document.paths).sort(), [
    "/catalog/assets",
    "/catalog/assets/{name}",
    "/catalog/health/live",
    "/catalog/health/ready",
    "/catalog/lake",
    "/catalog/lake/{key}",
    "/catalog/lineage",
    "/catalog/lineage/graph",
    "/catalog/lineage/readings",
  ]);
  const names = (path: string) =>
    document.paths[path].get.parameters.map(({ name }: { name: string }) => name).sort();
  assert.deepEqual(names("/catalog/lineage"), Object.keys(Query.lineage.shape).sort());
  assert.deepEqual(names("/catalog/assets"), Object.keys(Query.assets.shape).sort());
  assert.deepEqual(names("/catalog/lake/{key}"), ["key"]);

  // every schema that is referred to is there
  const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g);
  for (const [, name] of references) assert.ok(name in document.components.schemas, name);

  const { body } = await server.get("/assets");
  const { assets } = document.components.schemas.assets.properties;
  assert.deepEqual(Object.keys(body.assets[0]).sort(), assets.items.required.toSorted());
});
