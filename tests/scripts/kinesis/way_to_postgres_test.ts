import assert from "node:assert/strict";
import { join } from "node:path";
import { createApp } from "../../../functions/kinesis/app.ts";
import { deliver } from "../../../scripts/kinesis/deliver.ts";
import { startLocalKinesis } from "../../../scripts/kinesis/local.ts";
import { Producer } from "../../../scripts/kinesis/producer.ts";
import { KeyRing } from "../../../shared/keys.ts";
import { testDatabase } from "../../support/database.ts";
import { faultyKinesis } from "../../support/faulty_kinesis.ts";
import { Random } from "../../../shared/random.ts";
import { readings } from "../../support/readings.ts";
import { stored } from "../../support/stored.ts";

const KEY = "key-of-the-delivery-stream";

Deno.test("producer, stream, deliver, function, Postgres: every reading once, whatever is lost or repeated on the way", async () => {
  const random = new Random(4);
  await using db = await testDatabase();
  await using kinesis = await startLocalKinesis();
  await kinesis.createStream("readings", 2);
  await using proxy = await faultyKinesis(kinesis);
  proxy.fault = ({ operation }) => {
    if (operation !== "PutRecords") {
      return random.uniform() < 0.1 ? { error: "ProvisionedThroughputExceededException" } : undefined;
    }
    if (random.uniform() < 0.2) return { cut: "after" };
    return { refuse: () => random.uniform() < 0.1 ? "ProvisionedThroughputExceededException" : undefined };
  };

  const app = createApp({ sql: db.sql, keys: new KeyRing([KEY]), maxBodyBytes: 16 * 1024 * 1024 });
  let requests = 0;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const response = await app.fetch(request);
      // the first answer is lost after the function has stored everything, and the same request comes again
      return requests++ === 0 ? new Response("lost", { status: 502 }) : response;
    },
  );

  const folder = await Deno.makeTempDir();
  const producer = new Producer({
    client: proxy.client,
    stream: "readings",
    spill: join(folder, "spill"),
    lingerMs: 5,
  });
  const encoder = new TextEncoder();
  for (let engine = 1; engine <= 20; engine++) {
    for (const reading of readings(30, { engine_id: `ENGINE_${engine}` })) {
      producer.put({ partitionKey: reading.engine_id, data: encoder.encode(JSON.stringify(reading)) });
    }
  }
  await producer.put({ partitionKey: "ENGINE_1", data: encoder.encode('{"engine_id":"ENGINE_1"}') });
  assert.equal((await producer.close()).sent, 601);

  const report = await deliver({
    client: proxy.client,
    stream: "readings",
    sql: db.sql,
    url: `http://127.0.0.1:${server.addr.port}/kinesis`,
    accessKey: KEY,
    once: true,
    bufferBytes: 50_000,
    bufferMs: 50,
    signal: new AbortController().signal,
  });
  assert.ok(report.records > 601); // lost acknowledgements have put some on the stream twice
  const { readings: rows, engines, deadLetters } = await stored(db.sql);
  assert.deepEqual({ rows, engines, deadLetters }, { rows: 600, engines: 20, deadLetters: 1 });
  const [{ received, delivered }] = await db.sql`
    select
      (select sum(received)::integer from batches) as received,
      (select sum(delivered_records)::integer from stream_checkpoints) as delivered`;
  assert.equal(received, report.records); // the repeated request was answered by its receipt
  assert.equal(delivered, report.records);
  await Deno.remove(folder, { recursive: true });
});
