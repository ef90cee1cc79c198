import assert from "node:assert/strict";
import { serveFunction } from "../../../scripts/bench/served_function.ts";
import { testDatabase } from "../../support/database.ts";
import { gzip } from "../../support/ingest_server.ts";
import { base64, firehoseHeaders, firehoseRequest } from "../../support/kinesis_server.ts";
import { readings } from "../../support/readings.ts";
import { NOTHING, stored } from "../../support/stored.ts";

const CURRENT = "access-key-of-this-week";
const PREVIOUS = "access-key-of-last-week";
const SECRET = "sb_secret_of_the_test_bench";

Deno.test("the function serves as its environment says: current and previous access key, and the project's secret key", async () => {
  await using db = await testDatabase();
  await using served = await serveFunction("kinesis", db.url, 1, {
    KINESIS_ACCESS_KEYS: `${CURRENT}, ${PREVIOUS}`,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: SECRET }),
    INGEST_KEYS: "ingest-key-of-somebody",
  });
  const post = async (key: string, cycle: number) => {
    const request = firehoseRequest([base64(readings(3)[cycle])]);
    const response = await fetch(served.url, {
      method: "POST",
      headers: {
        ...firehoseHeaders(request.requestId),
        "x-amz-firehose-access-key": key,
        "content-encoding": "gzip",
      },
      body: gzip(JSON.stringify(request)),
    });
    const body = await response.json();
    assert.equal(body.requestId, request.requestId);
    return response.status;
  };

  assert.deepEqual(
    [await post(CURRENT, 0), await post(PREVIOUS, 1), await post(SECRET, 2)],
    [200, 200, 200],
  );
  assert.deepEqual([await post("ingest-key-of-somebody", 0), await post("access-key-of-nobody", 0)], [
    401,
    401,
  ]);
  assert.deepEqual(await stored(db.sql), { ...NOTHING, readings: 3, engines: 1, batches: 3 });
});
