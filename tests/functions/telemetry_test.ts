/** What the functions tell of themselves when they run as Supabase runs them: logs, traces and health. */

import assert from "node:assert/strict";
import { LOCAL_KEYS } from "../../scripts/local/data_api.ts";
import { testDatabase } from "../support/database.ts";
import { dataApiServer } from "../support/data_api_server.ts";
import { startFunction } from "../support/function_process.ts";
import { otlpReceiver } from "../support/otlp_receiver.ts";
import { reading } from "../support/readings.ts";

const KEY = "sb_secret_of_the_test_bench";
const SECRET_KEYS = { SUPABASE_SECRET_KEYS: JSON.stringify({ default: KEY }) };
/** From the specification of trace contexts (w3.org/TR/trace-context). */
const TRACE = "0af7651916cd43dd8448eb211c80319c";

Deno.test("with OTEL_DENO a function exports the request's span and its log under the caller's trace", async () => {
  await using db = await testDatabase();
  await using collector = otlpReceiver();
  await using ingest = await startFunction("ingest", {
    DATABASE_URL: db.url,
    ...SECRET_KEYS,
    OTEL_DENO: "true",
    OTEL_SERVICE_NAME: "spool-ingest",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: "100",
    OTEL_BLRP_SCHEDULE_DELAY: "100",
  });
  const response = await fetch(ingest.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      apikey: KEY,
      traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
      "x-request-id": "one-of-many",
    },
    body: JSON.stringify(reading()),
  });
  assert.equal(response.status, 200);
  const { batch_id } = await response.json();
  const ours = () => ({
    span: collector.spans.find(({ traceId, parentSpanId }) => traceId === TRACE && parentSpanId !== ""),
    record: collector.logs.find(({ traceId }) => traceId === TRACE),
  });
  while (ours().span === undefined || ours().record === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { span, record } = ours();
  assert.deepEqual([span!.service, span!.name], ["spool-ingest", "POST"]);
  assert.equal(record!.severityText, "INFO");
  const event = JSON.parse(record!.body);
  assert.deepEqual([event.request_id, event.batch_id, event.route], ["one-of-many", batch_id, "/ingest"]);
});

Deno.test("a function's log is a line of JSON for each request, without keys and readings, and its level can be chosen", async () => {
  await using db = await testDatabase();
  const logOf = async (level: string) => {
    const ingest = await startFunction("ingest", { DATABASE_URL: db.url, ...SECRET_KEYS, LOG_LEVEL: level });
    for (const apikey of [KEY, "a-key-that-is-not-valid"]) {
      const headers = { "content-type": "application/json", apikey };
      await (await fetch(ingest.url, { method: "POST", headers, body: JSON.stringify(reading()) })).body
        ?.cancel();
    }
    await (await fetch(`${ingest.url}/health/live`)).body?.cancel();
    await ingest.kill("SIGTERM");
    return (await ingest.log).trim();
  };
  const text = await logOf("info");
  const events = text.split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(events.map(({ route, status, problem }) => [route, status, problem]), [
    ["/ingest", 200, undefined],
    ["/ingest", 401, "unauthorized"],
    ["/ingest/health/live", 200, undefined],
  ]);
  const [{ id }] = await db.sql`select id from batches order by received_at limit 1`;
  assert.equal(events[0].batch_id, id);
  for (const secret of [KEY, "a-key-that-is-not-valid", "ENGINE_001", "642.4"]) {
    assert.ok(!text.includes(secret), secret);
  }
  assert.equal(await logOf("warn"), "");
});

for (const name of ["ingest", "kinesis", "quality", "catalog", "worker"]) {
  Deno.test(`the function ${name} says that it lives and is ready, and the second no longer when its database is gone`, async () => {
    const db = await testDatabase();
    const dataApi = await dataApiServer(db.url);
    await using process = await startFunction(name, {
      ...name === "catalog" ? {} : { DATABASE_URL: db.url },
      ...SECRET_KEYS,
      SUPABASE_URL: dataApi.url,
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: LOCAL_KEYS.publishable }),
    });
    const status = async (path: string) => {
      const response = await fetch(`${process.url}/health/${path}`);
      await response.body?.cancel();
      return response.status;
    };
    assert.deepEqual([await status("live"), await status("ready")], [200, 200]);
    await dataApi[Symbol.asyncDispose]();
    await db[Symbol.asyncDispose]();
    while (await status("ready") === 200) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual([await status("live"), await status("ready")], [200, 503]);
  });
}
