import assert from "node:assert/strict";
import fc from "fast-check";
import { aggregated } from "../../support/aggregated_record.ts";
import { gzip } from "../../support/ingest_server.ts";
import {
  base64,
  firehoseRequest,
  kinesisServer,
  lambdaEvent,
  pipesEvents,
} from "../../support/kinesis_server.ts";
import { reading } from "../../support/readings.ts";

/** A reading, good or not, among few enough that some are there twice. */
const readingText = fc.record({
  engine_id: fc.constantFrom("ENGINE_001", "ENGINE_002"),
  cycle: fc.integer({ min: 0, max: 6 }),
  s11: fc.constantFrom<unknown>(47.4, null, "hot", undefined),
}).map((some) => JSON.stringify(reading(some as object)));

/** The data of a record, and how many readings are inside; what cannot be taken apart is one. */
const record: fc.Arbitrary<{ data: string; inside: number }> = fc.oneof(
  readingText.map((text) => ({ data: base64(text), inside: 1 })),
  fc.array(readingText, { minLength: 1, maxLength: 4 }).chain((texts) =>
    fc.constantFrom<string | Uint8Array>(
      `[${texts}]`,
      `{"readings":[${texts}]}`,
      texts.join("\n"),
      gzip(`[${texts}]`),
      aggregated(texts.map((data, i) => ({ partitionKey: `k${i % 2}`, data }))),
    ).map((data) => ({ data: base64(data), inside: texts.length }))
  ),
  fc.uint8Array({ maxLength: 20 }).filter((bytes) => !/^\s*[[{\d"tfn-]/.test(new TextDecoder().decode(bytes)))
    .map((bytes) => ({ data: base64(bytes), inside: 1 })),
  fc.constantFrom("", "%", "{", "====").map((data) => ({ data, inside: 1 })),
);
const records = fc.array(record, { maxLength: 8 });

/** What is stored, whatever came when: the readings, and the dead letters with how often they were seen. */
async function content(sql: Awaited<ReturnType<typeof kinesisServer>>["db"]["sql"]) {
  const readings = await sql`
    select unit_number, cycle from sensor_data join engines on engines.id = engine_id order by 1, 2`;
  const letters =
    await sql`select payload::text as payload, seen from dead_letters order by payload::text collate "C"`;
  return { readings: readings.map((row) => ({ ...row })), letters: letters.map((row) => ({ ...row })) };
}

Deno.test("accepted, duplicates and rejected are the readings inside, through each envelope", async () => {
  await using server = await kinesisServer();
  await fc.assert(
    fc.asyncProperty(
      records,
      fc.constantFrom(firehoseRequest, lambdaEvent, pipesEvents),
      async (list, envelope) => {
        const inside = list.reduce((sum, record) => sum + record.inside, 0);
        await server.db.sql`truncate batches`;

        const { status } = await server.post(envelope(list.map(({ data }) => data)));

        assert.equal(status, 200);
        const [batch] = await server.db.sql`select received, accepted, duplicates, rejected from batches`;
        assert.equal(batch.received, inside);
        assert.equal(batch.accepted + batch.duplicates + batch.rejected, inside);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("the order of the records, and how they are cut into requests, do not matter; twice is once", async () => {
  await using server = await kinesisServer();
  const { sql } = server.db;
  const deliver = async (requests: { data: string }[][]) => {
    await sql`truncate sensor_data, batches, dead_letters, delivery_receipts`;
    const bodies = requests.map((list) => firehoseRequest(list.map(({ data }) => data)));
    for (const body of [...bodies, ...bodies.toReversed()]) await server.firehose(body);
    return await content(sql);
  };
  await fc.assert(
    fc.asyncProperty(records, fc.func(fc.nat()), fc.nat({ max: 8 }), async (list, place, cut) => {
      const shuffled = list.map((record, i) => ({ record, at: place(i) })).toSorted((a, b) => a.at - b.at)
        .map(({ record }) => record);
      const expected = await deliver([list]);
      assert.deepEqual(await deliver([shuffled.slice(0, cut), shuffled.slice(cut)]), expected);
    }),
    { numRuns: 30 },
  );
});
