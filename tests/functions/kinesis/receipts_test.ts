import assert from "node:assert/strict";
import { base64, DELIVERY_STREAM, firehoseRequest, kinesisServer } from "../../support/kinesis_server.ts";
import { reading, readings } from "../../support/readings.ts";
import { stored } from "../../support/stored.ts";

const REQUEST = firehoseRequest([...readings(3).map(base64), "%"], "request-1");
const STORED = { readings: 3, engines: 1, batches: 1, deadLetters: 1 };

Deno.test("a request that is repeated is answered 200 without being stored again, whatever its timestamp", async () => {
  await using server = await kinesisServer();
  const { sql } = server.db;
  await server.firehose(REQUEST);
  const seen = async () => (await sql`select seen from dead_letters`)[0].seen;
  const [{ id }] = await sql`select id from batches`;

  for (const timestamp of [REQUEST.timestamp, REQUEST.timestamp + 5000]) {
    const { status, body } = await server.firehose({ ...REQUEST, timestamp });
    assert.deepEqual([status, body.requestId], [200, "request-1"]);
  }

  assert.deepEqual(await stored(sql), STORED);
  assert.equal(await seen(), 1);
  const receipts = await sql`select stream, request_id, digest, batch_id from delivery_receipts`;
  assert.deepEqual(receipts.map(({ stream, request_id, batch_id }) => [stream, request_id, batch_id]), [
    [DELIVERY_STREAM, "request-1", id],
  ]);
  assert.match(receipts[0].digest, /^[0-9a-f]{64}$/);
});

Deno.test("a repeated request is answered by its receipt alone: even while nobody can write", async () => {
  await using server = await kinesisServer();
  await server.firehose(REQUEST);

  await server.db.sql.begin(async (tx) => {
    await tx`lock table delivery_receipts, batches, sensor_data in share mode`;
    assert.equal((await server.firehose(REQUEST)).status, 200);
  });
});

Deno.test("without its receipt the same request is stored again, which changes no reading", async () => {
  await using server = await kinesisServer();
  const { sql } = server.db;
  await server.firehose(REQUEST);

  await sql`delete from delivery_receipts`;
  await server.firehose(REQUEST);

  assert.deepEqual(await stored(sql), { ...STORED, batches: 2 });
  assert.equal((await sql`select seen from dead_letters`)[0].seen, 2);
});

Deno.test("a requestId that comes again with other content is stored, and both are there to be seen", async () => {
  await using server = await kinesisServer();
  const { sql } = server.db;

  await server.firehose(REQUEST);
  const other = firehoseRequest([base64(reading({ cycle: 9 }))], "request-1");
  assert.equal((await server.firehose(other)).status, 200);
  assert.equal((await server.firehose(REQUEST)).status, 200);

  assert.deepEqual(await stored(sql), { ...STORED, readings: 4, batches: 2 });
  const receipts = await sql`
    select request_id, accepted from delivery_receipts join batches on id = batch_id order by accepted`;
  assert.deepEqual(receipts.map(({ request_id, accepted }) => [request_id, accepted]), [
    ["request-1", 1],
    ["request-1", 3],
  ]);
});

Deno.test("the same records under another requestId, or of another stream, are another request", async () => {
  await using server = await kinesisServer();

  await server.firehose(REQUEST);
  await server.firehose({ ...REQUEST, requestId: "request-2" });
  await server.firehose(REQUEST, { "x-amz-firehose-source-arn": `${DELIVERY_STREAM}-2` });

  assert.deepEqual(await stored(server.db.sql), { ...STORED, batches: 3 });
});

Deno.test("the order of the records is part of what a request is", async () => {
  await using server = await kinesisServer();

  await server.firehose(firehoseRequest(["ab", "c"], "request-1"));
  await server.firehose(firehoseRequest(["c", "ab"], "request-1"));
  await server.firehose(firehoseRequest(["a", "bc"], "request-1"));

  assert.equal((await stored(server.db.sql)).batches, 3);
});

Deno.test("of eight deliveries of one request at a time one is stored, and all are answered 200", async () => {
  await using server = await kinesisServer();
  const { sql } = server.db;

  const answers = await Promise.all(Array.from({ length: 8 }, () => server.firehose(REQUEST)));

  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.requestId]),
    Array(8).fill([200, "request-1"]),
  );
  assert.deepEqual(await stored(sql), STORED);
  assert.equal((await sql`select seen from dead_letters`)[0].seen, 1);
});

Deno.test("a delivery that waits for another one of the same request stores it when that one fails", async () => {
  await using server = await kinesisServer();
  const { sql } = server.db;
  const { digest } = await server.firehose(REQUEST).then(() => sql`select digest from delivery_receipts`)
    .then(([row]) => row as unknown as { digest: string });
  await sql`truncate sensor_data, batches, dead_letters, delivery_receipts`;

  let waiting: Promise<{ status: number }> | undefined;
  await sql.begin(async (tx) => {
    await tx`
      insert into delivery_receipts (stream, request_id, digest, batch_id)
      values (${DELIVERY_STREAM}, 'request-1', ${digest}, gen_random_uuid())`;
    waiting = server.firehose(REQUEST);
    while ((await tx`select from pg_locks where not granted and locktype = 'transactionid'`).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error("it fails");
  }).catch(() => {});

  assert.equal((await waiting!).status, 200);
  assert.deepEqual(await stored(sql), STORED);
});
