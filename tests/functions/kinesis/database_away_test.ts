import assert from "node:assert/strict";
import type postgres from "postgres";
import { freePort } from "../../../scripts/local/postgres.ts";
import { connect } from "../../../shared/database.ts";
import { testDatabase } from "../../support/database.ts";
import { flakyProxy } from "../../support/flaky_proxy.ts";
import { problem } from "../../support/ingest_server.ts";
import {
  base64,
  firehoseRequest,
  kinesisServer,
  lambdaEvent,
  pipesEvents,
  sequenceNumber,
} from "../../support/kinesis_server.ts";
import { readings } from "../../support/readings.ts";
import { NOTHING, stored } from "../../support/stored.ts";

const DATA = readings(3).map(base64);
/** Whose month has no partition yet. */
const IN_FEBRUARY = readings(3, { timestamp: "2024-02-01T00:00:00Z" }).map(base64);
const MESSAGE =
  "The batch is stored whole or not at all, and that it was is not certain: send the same request again";
/** What the database's being away is told as, with what the caller can name the request by. */
const away = (headers: Headers) => ({
  ...problem(503, "database-unavailable", "The database is not available"),
  detail: MESSAGE,
  request_id: headers.get("x-request-id"),
});

Deno.test("while the database is away each sender hears 503 in its own format, and when to come back", async () => {
  const sql = connect(`postgres://postgres:postgres@127.0.0.1:${freePort()}/postgres`, 1);
  await using server = await kinesisServer({ sql });

  const firehose = await server.firehose(firehoseRequest(DATA, "request-1"));
  assert.deepEqual([firehose.status, firehose.headers.get("retry-after")], [503, "5"]);
  assert.equal(firehose.headers.get("content-type"), "application/json");
  assert.deepEqual({ ...firehose.body, timestamp: 0 }, {
    requestId: "request-1",
    timestamp: 0,
    errorMessage: `${MESSAGE} (request ${firehose.headers.get("x-request-id")})`,
  });

  const lambda = await server.post(lambdaEvent(DATA));
  assert.deepEqual([lambda.status, lambda.headers.get("retry-after")], [503, "5"]);
  const batchItemFailures = [0, 1, 2].map((n) => ({ itemIdentifier: sequenceNumber(n) }));
  assert.deepEqual(lambda.body, { ...away(lambda.headers), batchItemFailures });

  const pipes = await server.post(pipesEvents(DATA));
  assert.deepEqual([pipes.status, pipes.headers.get("retry-after")], [503, "5"]);
  assert.deepEqual(pipes.body, away(pipes.headers));

  assert.deepEqual(await stored(server.db.sql), NOTHING);
  await sql.end();
});

Deno.test("a connection that is cut while readings are stored leaves nothing half-stored, and the same request then passes", async () => {
  await using target = await testDatabase();
  const url = new URL(target.url);
  await using proxy = await flakyProxy(Number(url.port));
  url.port = String(proxy.port);
  await using pool = disposable(connect(url.href, 2));
  await using server = await kinesisServer({ sql: pool });
  const request = firehoseRequest([...IN_FEBRUARY, "%"], "request-1");

  // The intake stands in the middle of its transaction, its receipt written: it waits for this lock.
  await using lock = disposable(connect(target.url, 1));
  await lock`select pg_advisory_lock(hashtext('public.sensor_data partitions'))`;
  const answering = server.firehose(request);
  while ((await lock`select from pg_locks where locktype = 'advisory' and not granted`).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  proxy.reset();
  const answer = await answering;
  assert.deepEqual([answer.status, answer.body.requestId], [503, "request-1"]);
  await lock`select pg_advisory_unlock(hashtext('public.sensor_data partitions'))`;

  assert.deepEqual(await stored(target.sql), NOTHING);
  assert.equal((await target.sql`select from delivery_receipts`).length, 0);

  assert.equal((await server.firehose(request)).status, 200);
  assert.deepEqual(await stored(target.sql), { readings: 3, engines: 1, batches: 1, deadLetters: 1 });
  assert.equal((await target.sql`select from delivery_receipts`).length, 1);
});

/** A pool that is closed when its test ends, however it ends. */
function disposable(pool: postgres.Sql): postgres.Sql & AsyncDisposable {
  return Object.assign(pool, { [Symbol.asyncDispose]: async () => await pool.end({ timeout: 1 }) });
}
