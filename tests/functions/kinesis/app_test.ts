import assert from "node:assert/strict";
import { connect } from "node:net";
import { KeyRing } from "../../../shared/keys.ts";
import { gzip, problem } from "../../support/ingest_server.ts";
import {
  base64,
  firehoseHeaders,
  firehoseRequest,
  KEY,
  kinesisServer,
  lambdaEvent,
  pipesEvents,
  sequenceNumber,
} from "../../support/kinesis_server.ts";
import { reading, readings } from "../../support/readings.ts";
import { NOTHING, stored } from "../../support/stored.ts";

const REQUEST_ID = "ed4acda5-034f-9f42-bba1-f29aea6d7d8f";
const STORED = { readings: 2, engines: 1, batches: 1, deadLetters: 0 };
const data = readings(2).map(base64);

Deno.test("Firehose is answered 200 with its requestId, a whole number of milliseconds, and nothing else", async () => {
  await using server = await kinesisServer();

  const before = Date.now();
  const { status, headers, body } = await server.firehose(firehoseRequest(data, REQUEST_ID), {
    "accept-encoding": "gzip, br",
  });

  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body).toSorted(), ["requestId", "timestamp"]);
  assert.equal(body.requestId, REQUEST_ID);
  assert.ok(Number.isSafeInteger(body.timestamp) && body.timestamp >= before && body.timestamp <= Date.now());
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("cache-control"), "no-transform");
  assert.deepEqual(await stored(server.db.sql), STORED);
});

Deno.test("what Firehose reads off the wire has a Content-Length and no Content-Encoding, though it would take gzip", async () => {
  await using server = await kinesisServer();
  const body = JSON.stringify(firehoseRequest(data.concat(Array(50).fill(data[0])), REQUEST_ID));
  const { port } = new URL(server.url);

  const socket = connect(Number(port), "127.0.0.1");
  const lines = Object.entries(firehoseHeaders(REQUEST_ID)).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `POST /kinesis HTTP/1.1\r\nHost: spool\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n` +
      `X-Amz-Firehose-Access-Key: ${KEY}\r\n${lines.join("")}Connection: close\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  let answer = "";
  for await (const chunk of socket) answer += chunk;

  const [head, content] = answer.split("\r\n\r\n");
  assert.match(head, /^HTTP\/1.1 200 /);
  assert.match(head, new RegExp(`^content-length: ${content.length}\r?$`, "im"));
  assert.doesNotMatch(head, /content-encoding|transfer-encoding/i);
  assert.equal(JSON.parse(content).requestId, REQUEST_ID);
});

Deno.test("a Lambda event is answered with no batchItemFailures, and nothing else", async () => {
  await using server = await kinesisServer();

  const { status, body } = await server.post(lambdaEvent(data));

  assert.deepEqual([status, body], [200, { batchItemFailures: [] }]);
  assert.deepEqual(await stored(server.db.sql), STORED);
});

Deno.test("EventBridge Pipes is answered as POST /ingest answers", async () => {
  await using server = await kinesisServer();

  const { status, body } = await server.post(pipesEvents([...data, base64({ ...reading(), s11: "hot" })]));

  const { batch_id, errors, ...counts } = body;
  assert.equal(status, 200);
  assert.deepEqual(counts, { accepted: 2, duplicates: 0, rejected: 1 });
  assert.deepEqual(errors.map(({ index, path }: { index: number; path: string }) => [index, path]), [
    [2, "[2].data.s11"],
  ]);
  assert.equal((await server.db.sql`select id from batches`)[0].id, batch_id);
});

Deno.test("one bad record costs no other, and fails neither Firehose nor Lambda", async () => {
  await using server = await kinesisServer();
  const mixed = [data[0], "%%%", data[1]];

  assert.equal((await server.firehose(firehoseRequest(mixed))).status, 200);
  assert.deepEqual((await server.post(lambdaEvent(mixed))).body, { batchItemFailures: [] });

  assert.deepEqual(await stored(server.db.sql), { readings: 2, engines: 1, batches: 2, deadLetters: 1 });
});

/** A ring that notes what it was asked. */
class NotingRing extends KeyRing {
  readonly asked: string[] = [];

  override has(key: string): boolean {
    this.asked.push(key);
    return super.has(key);
  }
}

const PREVIOUS = "access-key-until-last-week";

for (
  const [what, headers] of [
    ["Firehose's header", { "x-amz-firehose-access-key": KEY }],
    ["the previous key", { "x-amz-firehose-access-key": PREVIOUS }],
    ["a bearer token", { authorization: `Bearer ${KEY}` }],
    ["apikey", { apikey: KEY }],
    ["x-api-key", { "x-api-key": PREVIOUS }],
    ["a wrong key beside a right one", { apikey: "sb_publishable_whatever", "x-api-key": KEY }],
  ] as [string, Record<string, string>][]
) {
  Deno.test(`a delivery is let in by ${what}`, async () => {
    await using server = await kinesisServer({ keys: new KeyRing([KEY, PREVIOUS]) });

    const { status } = await server.firehose(firehoseRequest(data), { "x-api-key": "", ...headers });

    assert.equal(status, 200);
  });
}

const wrongKeys: [string, Record<string, string>, string[], string][] = [
  [
    "a wrong key",
    { "x-amz-firehose-access-key": `${KEY}!` },
    ["", `${KEY}!`].toSorted(),
    "Cannot accept the request as its key must be a valid one",
  ],
  ["an empty key", {}, [""], "Cannot accept the request as its key must be a valid one"],
];
for (const [what, headers, asked, message] of wrongKeys) {
  Deno.test(`${what} gets 401 in Firehose's own format, after the ring has compared it with all keys`, async () => {
    const keys = new NotingRing([KEY, PREVIOUS]);
    await using server = await kinesisServer({ keys });

    const answer = await server.firehose(firehoseRequest(data, REQUEST_ID), { "x-api-key": "", ...headers });

    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get("content-type"), "application/json");
    const { timestamp, ...rest } = answer.body;
    assert.ok(Number.isSafeInteger(timestamp));
    assert.deepEqual(rest, { requestId: REQUEST_ID, errorMessage: message });
    assert.deepEqual(keys.asked.toSorted(), asked); // KeyRing compares in constant time (tests/shared/keys_test.ts)
    assert.deepEqual(await stored(server.db.sql), NOTHING);
  });
}

Deno.test("without any key the answer says which headers may carry one, as problem details for all but Firehose", async () => {
  await using server = await kinesisServer();
  const detail =
    "Cannot accept the request as it must carry a key: X-Amz-Firehose-Access-Key: KEY, x-api-key: KEY, " +
    "Authorization: Bearer KEY, or apikey: KEY";
  const send = async (body: unknown, headers: Record<string, string>) => {
    const response = await fetch(server.url, { method: "POST", headers, body: JSON.stringify(body) });
    return [response.status, await response.json()];
  };

  assert.deepEqual(await send(lambdaEvent(data), {}), [401, {
    ...problem(401, "unauthorized", "A valid key is needed"),
    detail,
  }]);
  const [status, body] = await send(firehoseRequest(data, REQUEST_ID), firehoseHeaders(REQUEST_ID));
  assert.deepEqual([status, body.requestId, body.errorMessage], [401, REQUEST_ID, detail]);
});

const malformed: [string, string, unknown][] = [
  [
    "without records",
    "Cannot read the delivery as it must be one of Firehose: records: Invalid input: expected array, received undefined",
    { requestId: REQUEST_ID, timestamp: 1 },
  ],
  [
    "whose record is none",
    "Cannot read the delivery as it must be one of Firehose: records[1]: Invalid input: expected object, received number",
    { requestId: REQUEST_ID, timestamp: 1, records: [{ data: data[0] }, 5] },
  ],
  [
    "whose record has no data",
    "Cannot read the delivery as it must be one of Firehose: records[1].data: must be there",
    { requestId: REQUEST_ID, timestamp: 1, records: [{ data: data[0] }, { Data: data[1] }] },
  ],
  [
    "without a requestId",
    "Cannot read the delivery as it must be one of Firehose: requestId: Invalid input: expected string, received undefined",
    { records: [{ data: data[0] }] },
  ],
  [
    "whose requestId is not that of its header",
    "Cannot read the delivery as its requestId must be that of its header: current value is another-one",
    firehoseRequest(data, "another-one"),
  ],
  ["that is not JSON", "Cannot read the delivery as it must be JSON", '{"requestId": "'],
  ["that is empty", "Cannot read the body as it must not be empty", ""],
];
for (const [what, errorMessage, body] of malformed) {
  Deno.test(`a request of Firehose ${what} gets 400 in its format, and nothing is stored`, async () => {
    await using server = await kinesisServer();

    const answer = await server.post(body, firehoseHeaders(REQUEST_ID));

    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("content-type"), "application/json");
    assert.deepEqual({ ...answer.body, timestamp: 0 }, { requestId: REQUEST_ID, timestamp: 0, errorMessage });
    assert.deepEqual(await stored(server.db.sql), NOTHING);
  });
}

Deno.test("another version of Firehose's protocol gets 400, and nothing is stored", async () => {
  await using server = await kinesisServer();

  const { status, body } = await server.firehose(firehoseRequest(data), {
    "x-amz-firehose-protocol-version": "2.0",
  });

  assert.deepEqual([status, body.errorMessage], [
    400,
    "Cannot read the delivery as X-Amz-Firehose-Protocol-Version must be 1.0: current value is 2.0",
  ]);
  assert.deepEqual(await stored(server.db.sql), NOTHING);
});

const event = lambdaEvent(data);
const NONE =
  "Cannot read the delivery as it must be a request of Firehose, an event of Lambda, or events of " +
  "EventBridge Pipes";
const unreadable: [string, unknown, string][] = [
  [
    "a Lambda event whose Records are none",
    { Records: "none" },
    "Records: Invalid input: expected array, received string",
  ],
  [
    "a Lambda event of another source",
    { Records: [{ eventSource: "aws:sqs", body: "{}" }] },
    'Records[0].eventSource: Invalid input: expected "aws:kinesis"',
  ],
  [
    "a Lambda event with a record that has no sequence number",
    { Records: [event.Records[0], { ...event.Records[1], kinesis: { data: data[1] } }] },
    "Records[1].kinesis.sequenceNumber: Invalid input: expected string, received undefined",
  ],
  [
    "an event of another source in EventBridge Pipes",
    [{ ...pipesEvents(data)[0], eventSource: "aws:kafka" }],
    'eventSource: Invalid input: expected "aws:kinesis"',
  ],
  ["an object without any record", { detail: { note: "hello" }, records: [] }, NONE],
  ["a number", 5, NONE],
  ["text", '"hello"', NONE],
];
for (const [what, body, detail] of unreadable) {
  Deno.test(`${what} gets 400 with what is wrong, and nothing is stored`, async () => {
    await using server = await kinesisServer();

    const answer = await server.post(body);

    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    const { detail: told, ...rest } = answer.body;
    assert.deepEqual(rest, problem(400, "unreadable-delivery", "The delivery cannot be read"));
    assert.ok(told.endsWith(detail), told);
    assert.deepEqual(await stored(server.db.sql), NOTHING);
  });
}

for (
  const [what, headers, body] of [
    ["as it is", {}, JSON.stringify(firehoseRequest(Array(20).fill(data[0]), REQUEST_ID))],
    [
      "after decompression",
      { "content-encoding": "gzip" },
      gzip(JSON.stringify(firehoseRequest(Array(20).fill(data[0]), REQUEST_ID))),
    ],
  ] as const
) {
  Deno.test(`a body that is too large ${what} gets 400 and never 413, after which Firehose would drop it for good`, async () => {
    await using server = await kinesisServer({ maxBodyBytes: 4096 });

    const firehose = await server.post(body, { ...firehoseHeaders(REQUEST_ID), ...headers });
    const other = await server.post(body, headers);

    assert.equal(firehose.status, 400);
    assert.equal(firehose.body.requestId, REQUEST_ID);
    assert.match(firehose.body.errorMessage, /must be at most 4096 bytes after decompression/);
    assert.deepEqual([other.status, other.body.type], [400, "urn:spool:problem:body-too-large"]);
    assert.deepEqual(await stored(server.db.sql), NOTHING);
  });
}

Deno.test("a gzipped body is what it holds, and another encoding gets 415", async () => {
  await using server = await kinesisServer();
  const body = gzip(JSON.stringify(firehoseRequest(data, REQUEST_ID)));

  const refused = await server.post(body, { ...firehoseHeaders(REQUEST_ID), "content-encoding": "zstd" });
  assert.deepEqual([refused.status, refused.body.requestId], [415, REQUEST_ID]);
  const answer = await server.post(body, { ...firehoseHeaders(REQUEST_ID), "content-encoding": "gzip" });
  assert.equal(answer.status, 200);
  assert.deepEqual(await stored(server.db.sql), STORED);
});

Deno.test("deliveries of nothing are answered as such: their sender has nothing to send again", async () => {
  await using server = await kinesisServer();

  assert.equal((await server.firehose(firehoseRequest([]))).status, 200);
  assert.deepEqual((await server.post({ Records: [] })).body, { batchItemFailures: [] });
  assert.deepEqual((await server.post([])).body.accepted, 0);
});

Deno.test("ten thousand records in one request, the most that Firehose sends, are stored", async () => {
  await using server = await kinesisServer();
  const records = Array.from({ length: 10_000 }, (_, i) => {
    const cycle = i % 100 + 1;
    return base64(reading({ engine_id: `ENGINE_${Math.floor(i / 100)}`, cycle }));
  });

  const { status } = await server.firehose(firehoseRequest(records));

  assert.equal(status, 200);
  assert.deepEqual(await stored(server.db.sql), {
    readings: 10_000,
    engines: 100,
    batches: 1,
    deadLetters: 0,
  });
});

Deno.test("other methods get 405, and other paths 404, with no redirect among them", async () => {
  await using server = await kinesisServer();
  const statuses = [];
  for (const [method, path] of [["GET", ""], ["PUT", ""], ["DELETE", "/"], ["GET", "/elsewhere"]]) {
    const response = await fetch(server.url + path, { method, redirect: "manual" });
    statuses.push([response.status, response.headers.get("allow")]);
    await response.body?.cancel();
  }
  assert.deepEqual(statuses, [[405, "POST"], [405, "POST"], [405, "POST"], [404, null]]);

  const slash = await fetch(`${server.url}/`, {
    method: "POST",
    headers: { "x-api-key": KEY },
    body: JSON.stringify(pipesEvents(data)),
    redirect: "manual",
  });
  assert.equal(slash.status, 200);
  await slash.body?.cancel();
});

Deno.test("the OpenAPI document needs no key, and its schemas are those of the envelopes and answers", async () => {
  await using server = await kinesisServer();

  const document = await (await fetch(`${server.url}/openapi.json`)).json();

  assert.equal(document.openapi, "3.1.0");
  const { post } = document.paths["/kinesis"];
  assert.deepEqual(Object.keys(post.responses), ["200", "400", "401", "405", "415", "500", "503"]);
  const { schemas, securitySchemes } = document.components;
  assert.deepEqual(schemas.Firehose.required, ["requestId", "records"]);
  assert.deepEqual(schemas.Lambda.properties.Records.items.properties.kinesis.required.toSorted(), [
    "data",
    "sequenceNumber",
  ]);
  assert.deepEqual(Object.keys(securitySchemes), [
    "bearer",
    "apikey",
    "X-Amz-Firehose-Access-Key",
    "x-api-key",
  ]);
  const { body } = await server.firehose(firehoseRequest(data));
  assert.deepEqual(Object.keys(body).toSorted(), schemas.FirehoseAnswer.required.toSorted());
  assert.match(
    sequenceNumber(0),
    new RegExp(schemas.Lambda.properties.Records.items.properties.kinesis.properties.sequenceNumber.pattern),
  );
});
