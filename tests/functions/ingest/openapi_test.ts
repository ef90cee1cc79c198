import assert from "node:assert/strict";
import { Reading } from "../../../shared/reading.ts";
import { ingestServer } from "../../support/ingest_server.ts";
import { reading } from "../../support/readings.ts";

Deno.test("the OpenAPI document needs no key, and names what the function takes and answers", async () => {
  await using server = await ingestServer();
  const response = await fetch(`${server.url}/openapi.json`);
  assert.equal(response.status, 200);
  const document = await response.json();

  assert.equal(document.openapi, "3.1.0");
  const { Reading: schema, Batch: batch } = document.components.schemas;
  assert.deepEqual(schema.required.toSorted(), Object.keys(Reading.shape).toSorted());
  assert.deepEqual(schema.properties.cycle.minimum, 1);

  const answer = await server.post(JSON.stringify(reading()));
  assert.deepEqual(Object.keys(answer.body).toSorted(), batch.required.toSorted());
});
