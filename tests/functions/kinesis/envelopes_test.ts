import assert from "node:assert/strict";
import firehose from "./fixtures/firehose.json" with { type: "json" };
import firehoseDecoded from "./fixtures/firehose_decoded.json" with { type: "json" };
import lambda from "./fixtures/lambda.json" with { type: "json" };
import pipes from "./fixtures/pipes.json" with { type: "json" };
import {
  base64,
  DELIVERY_STREAM,
  firehoseRequest,
  kinesisServer,
  lambdaEvent,
  pipesEvents,
  sequenceNumber,
  STREAM,
} from "../../support/kinesis_server.ts";
import { reading, readings } from "../../support/readings.ts";
import { stored } from "../../support/stored.ts";
import type postgres from "postgres";

const NOT_JSON = /^Cannot read the record as it must be JSON/;

/** What identifies dead letters, in their order, with their paths. */
async function identities(sql: postgres.Sql): Promise<[string, Record<string, unknown>][]> {
  const rows = await sql`select path, records from dead_letters order by position`;
  return rows.map(({ path, records }) => {
    assert.equal(records.length, 1);
    return [path, records[0]];
  });
}

const documented: [string, { page: string; headers: Record<string, string>; body: unknown }, {
  answer: unknown;
  letters: [string, string][];
  identity: Record<string, unknown>;
  reference: string;
}][] = [
  ["Firehose", firehose, {
    answer: { requestId: "ed4acda5-034f-9f42-bba1-f29aea6d7d8f", timestamp: 0 },
    letters: [["records[0].data", '"hello"'], ["records[1].data", '"hello world"']],
    identity: {
      stream: "arn:aws:firehose:us-east-1:123456789:deliverystream/testStream",
      request_id: "ed4acda5-034f-9f42-bba1-f29aea6d7d8f",
      index: 0,
    },
    reference:
      "arn:aws:firehose:us-east-1:123456789:deliverystream/testStream ed4acda5-034f-9f42-bba1-f29aea6d7d8f",
  }],
  ["Lambda", lambda, {
    answer: { batchItemFailures: [] },
    letters: [
      ["Records[0].kinesis.data", '"Hello, this is a test."'],
      ["Records[1].kinesis.data", '"This is only a test."'],
    ],
    identity: {
      stream: "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream",
      event_id: "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
      sequence_number: "49590338271490256608559692538361571095921575989136588898",
      partition_key: "1",
      arrived_at: "2018-12-17T22:10:50.987Z",
      index: 0,
    },
    reference: "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream shardId-000000000006 " +
      "49590338271490256608559692538361571095921575989136588898.." +
      "49590338271490256608559692540925702759324208523137515618",
  }],
  ["EventBridge Pipes", pipes, {
    answer: null,
    letters: [["[0].data", '"Hello, this is a test."'], ["[1].data", '"This is only a test."']],
    identity: {
      stream: "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream",
      event_id: "shardId-000000000006:49590338271490256608559692538361571095921575989136588898",
      sequence_number: "49590338271490256608559692538361571095921575989136588898",
      partition_key: "1",
      arrived_at: "2018-12-17T22:10:50.987Z",
      index: 0,
    },
    reference: "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream shardId-000000000006 " +
      "49590338271490256608559692538361571095921575989136588898.." +
      "49590338271490256608559692540925702759324208523137515618",
  }],
];
for (const [sender, { headers, body }, expected] of documented) {
  Deno.test(`the example in the documentation of ${sender} is read: its records are no readings, and are kept with what identifies them`, async () => {
    await using server = await kinesisServer();

    const answer = await server.post(body, headers);

    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    if (expected.answer !== null) {
      const timestamp = "timestamp" in answer.body ? { timestamp: 0 } : {};
      assert.deepEqual({ ...answer.body, ...timestamp }, expected.answer);
    }
    const letters = await server.db.sql`
      select source, reference, path, payload::text, reason from dead_letters order by position`;
    assert.deepEqual(letters.map(({ path, payload }) => [path, payload]), expected.letters);
    for (const { source, reference, reason } of letters) {
      assert.deepEqual([source, reference], ["kinesis", expected.reference]);
      assert.match(reason, NOT_JSON);
    }
    assert.deepEqual((await identities(server.db.sql))[0][1], expected.identity);
    const [batch] = await server.db.sql`select source, reference, received, rejected from batches`;
    assert.deepEqual({ ...batch }, {
      source: "kinesis",
      reference: expected.reference,
      received: 2,
      rejected: 2,
    });
  });
}

Deno.test("the example of a request of Firehose whose data is JSON already is read, and kept to the character", async () => {
  await using server = await kinesisServer();
  const text = await Deno.readTextFile(new URL("./fixtures/firehose_decoded.json", import.meta.url));
  const { headers } = firehoseDecoded;
  const body = text.slice(text.indexOf('"body": ') + 8, text.trimEnd().lastIndexOf("}"));

  assert.equal((await server.post(body, headers)).status, 200);

  const [letter] = await server.db.sql`select path, payload::text from dead_letters`;
  assert.equal(letter.path, "records[0].data.engine_id");
  assert.deepEqual(JSON.parse(letter.payload), firehoseDecoded.body.records[0].data);
  assert.ok(body.includes(letter.payload));
});

const DATA = readings(3).map(base64);

const envelopes: [string, unknown][] = [
  ["a request of Firehose", firehoseRequest(DATA)],
  ["a request of Firehose, its members in another order", {
    records: DATA.map((data) => ({ data })),
    timestamp: 1,
    requestId: "r",
  }],
  ["an event of Lambda", lambdaEvent(DATA)],
  ["an event of Lambda in a tumbling window", {
    ...lambdaEvent(DATA),
    window: { start: "2020-12-09T07:04:00Z", end: "2020-12-09T07:06:00Z" },
    state: { 1: 282 },
    shardId: "shardId-000000000006",
    eventSourceARN: STREAM,
    isFinalInvokeForWindow: false,
  }],
  ["events of Pipes", pipesEvents(DATA)],
  ["events of Pipes with decoded data", pipesEvents(readings(3))],
  ["events of Pipes with data as JSON text", pipesEvents(readings(3).map((each) => JSON.stringify(each)))],
  ['a template {"records": <aws.pipes.event>}', { records: pipesEvents(DATA) }],
  ['a template {"Records": <aws.pipes.event>}', { Records: pipesEvents(DATA) }],
  ['a template {"detail": {"events": <aws.pipes.event.json>}}', {
    pipeArn: "arn:aws:pipes:eu-central-1:123456789012:pipe/readings",
    ingestedAt: "2024-01-01T00:00:00Z",
    detail: { events: pipesEvents(readings(3)) },
  }],
  [
    "a template for each event",
    pipesEvents(DATA).map((event) => ({ pipeName: "readings", originalEvent: event })),
  ],
  ["a template <$.data>", readings(3)],
  ['a template {"data": <$.data>}', readings(3).map((data) => ({ data }))],
  ['a template {"readings": …}', { readings: readings(3) }],
  ["events of Lambda in a template", { batch: lambdaEvent(DATA).Records }],
];
for (const [what, body] of envelopes) {
  Deno.test(`readings arrive from ${what}`, async () => {
    await using server = await kinesisServer();

    const { status, body: answer } = await server.post(body);

    assert.equal(status, 200, JSON.stringify(answer));
    assert.deepEqual(await stored(server.db.sql), { readings: 3, engines: 1, batches: 1, deadLetters: 0 });
  });
}

Deno.test("a single event of Pipes and a single templated reading are deliveries of one", async () => {
  await using server = await kinesisServer();

  assert.equal((await server.post(pipesEvents(DATA)[0])).body.accepted, 1);
  assert.equal((await server.post({ detail: pipesEvents(DATA)[1] })).body.accepted, 1);
  assert.equal((await server.post(reading({ cycle: 3 }))).body.accepted, 1);
});

const bad = { ...reading(), s11: "hot" };
const paths: [string, unknown, string][] = [
  ["Firehose", firehoseRequest([DATA[0], base64(bad)]), "records[1].data.s11"],
  ["Firehose, in an array", firehoseRequest([base64([reading(), bad])]), "records[0].data[1].s11"],
  [
    "Firehose, in a list of readings",
    firehoseRequest([base64({ readings: [bad] })]),
    "records[0].data.readings[0].s11",
  ],
  [
    "Firehose, in lines",
    firehoseRequest([base64(`${JSON.stringify(reading())}\n${JSON.stringify(bad)}`)]),
    "records[0].data[1].s11",
  ],
  ["Firehose, decoded", firehoseRequest([{ readings: [reading(), bad] }]), "records[0].data.readings[1].s11"],
  ["Lambda", lambdaEvent([DATA[0], base64(bad)]), "Records[1].kinesis.data.s11"],
  ["Pipes", pipesEvents([DATA[0], base64(bad)]), "[1].data.s11"],
  ["a single event of Pipes", pipesEvents([base64(bad)])[0], "data.s11"],
  ["a template", { detail: { events: [{ data: bad }] } }, "detail.events[0].data.s11"],
  ["a template that is a reading", bad, "s11"],
  [
    "Firehose, for what the database refuses",
    firehoseRequest([base64(reading({ timestamp: "1999-01-01T00:00:00Z" }))]),
    "records[0].data.timestamp",
  ],
];
for (const [what, body, path] of paths) {
  Deno.test(`a fault is named by its place in the event: ${path} (${what})`, async () => {
    await using server = await kinesisServer();

    assert.equal((await server.post(body)).status, 200);

    const letters = await server.db.sql`select path from dead_letters`;
    assert.deepEqual(letters.map((letter) => letter.path), [path]);
  });
}

Deno.test("what identifies a record goes with it: of Firehose the request and the place in it, of others all that their events say", async () => {
  await using server = await kinesisServer();

  await server.firehose(firehoseRequest([DATA[0], "%"], "request-1"));
  assert.deepEqual(await identities(server.db.sql), [
    ["records[1].data", { stream: DELIVERY_STREAM, request_id: "request-1", index: 1 }],
  ]);

  await server.db.sql`delete from dead_letters`;
  await server.post(lambdaEvent([DATA[0], "%"]));
  assert.deepEqual(await identities(server.db.sql), [["Records[1].kinesis.data", {
    stream: STREAM,
    event_id: `shardId-000000000006:${sequenceNumber(1)}`,
    sequence_number: sequenceNumber(1),
    partition_key: "ENGINE_1",
    arrived_at: "2018-12-17T22:10:51.987Z",
    index: 1,
  }]]);
});

Deno.test("identifying text that Postgres cannot hold is kept as far as it can", async () => {
  await using server = await kinesisServer();
  const [event] = pipesEvents(["%"]);

  await server.post([{
    ...event,
    partitionKey: `a\0b\ud800${"c".repeat(300)}`,
    approximateArrivalTimestamp: 1e300,
  }]);

  const [[, { partition_key, arrived_at }]] = await identities(server.db.sql);
  assert.equal(partition_key, `a\ufffdb\ufffd${"c".repeat(252)}`);
  assert.equal(arrived_at, undefined);
});

Deno.test("among events of Pipes one without data is a dead letter, and not dropped", async () => {
  await using server = await kinesisServer();

  const { body } = await server.post({
    records: [pipesEvents(DATA)[0], { sequenceNumber: "1", dat: 1e400 }, null],
  });

  assert.deepEqual([body.accepted, body.rejected], [1, 2]);
  const letters = await server.db.sql`select path, payload::text, reason from dead_letters order by position`;
  assert.deepEqual(letters.map(({ path, payload, reason }) => [path, payload, reason]), [
    ["records[1]", '{"sequenceNumber":"1","dat":null}', "Cannot read the record as it must have data"],
    ["records[2]", "null", "Cannot read the record as it must have data"],
  ]);
});
