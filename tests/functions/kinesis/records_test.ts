import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { replayDeadLetters } from "../../../shared/dead_letters.ts";
import { aggregated } from "../../support/aggregated_record.ts";
import { gzip } from "../../support/ingest_server.ts";
import {
  base64,
  firehoseRequest,
  kinesisServer,
  lambdaEvent,
  pipesEvents,
} from "../../support/kinesis_server.ts";
import { reading, readings } from "../../support/readings.ts";
import { stored, storedDeadLetters } from "../../support/stored.ts";

const BATCH = readings(4);
const JSON_TEXTS = BATCH.map((each) => JSON.stringify(each));
const NDJSON = JSON_TEXTS.join("\n");

const held: [string, string | Uint8Array][] = [
  ["an array", JSON.stringify(BATCH)],
  ['{"readings": […]}', JSON.stringify({ readings: BATCH }, null, 2)],
  ["lines", NDJSON],
  ["lines with CRLF, empty ones among them, and a last newline", `\r\n${JSON_TEXTS.join("\r\n\r\n")}\r\n`],
  ["text with a byte order mark", `\uFEFF${NDJSON}`],
  ["gzip", gzip(JSON.stringify(BATCH))],
  ["gzip in two members", Buffer.concat([gzip(NDJSON.slice(0, 99)), gzip(NDJSON.slice(99))])],
  ["an aggregated record", aggregated(JSON_TEXTS.map((data) => ({ partitionKey: "ENGINE_001", data })))],
  [
    "an aggregated record of all the others",
    aggregated(
      [JSON_TEXTS[0], `[${JSON_TEXTS[1]}]`, gzip(`${JSON_TEXTS[2]}\n${JSON_TEXTS[3]}`)].map((data, i) => ({
        partitionKey: `k${i}`,
        data,
      })),
    ),
  ],
  ["a gzipped aggregated record", gzip(aggregated(JSON_TEXTS.map((data) => ({ partitionKey: "k", data }))))],
];
for (const [what, data] of held) {
  Deno.test(`a record that is ${what} holds its readings`, async () => {
    await using server = await kinesisServer();

    const { body } = await server.post(pipesEvents([base64(data)]));

    assert.deepEqual([body.accepted, body.rejected], [4, 0], JSON.stringify(body));
  });
}

const GZIPPED = gzip(NDJSON);
const AGGREGATED = aggregated([{ partitionKey: "k", data: NDJSON }]);
const broken = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => i === at ? byte ^ 1 : byte);
const NUL = '{"engine_id":"\u0000"}\0';

/** What came, what is kept of it, and why. */
const faults: [string, unknown, string, RegExp][] = [
  ["nothing", "", '""', /^Cannot read the record as it must not be empty$/],
  ["gzip of nothing", base64(gzip("")), JSON.stringify({ base64: base64(gzip("")) }), /must not be empty$/],
  ["white space", base64(" \n"), '" \\n"', /must be JSON: Unexpected end/],
  ["no base64", "aGVsbG8*", '"aGVsbG8*"', /^Cannot read the record as its data must be base64$/],
  [
    "base64 that was cut off",
    base64(BATCH[0]).slice(0, -1),
    JSON.stringify(base64(BATCH[0]).slice(0, -1)),
    /must be base64$/,
  ],
  ["base64 for URLs", "-_-_", '"-_-_"', /must be base64$/],
  ["text that is not JSON", base64("engine 1: hot"), '"engine 1: hot"', /must be JSON: Unexpected token/],
  [
    "JSON that was cut off",
    base64(JSON_TEXTS[0].slice(0, 50)),
    JSON.stringify(JSON_TEXTS[0].slice(0, 50)),
    /must be JSON/,
  ],
  [
    "JSON over several lines that was cut off",
    base64(JSON.stringify(BATCH, null, 1).slice(0, -1)),
    JSON.stringify(JSON.stringify(BATCH, null, 1).slice(0, -1)),
    /must be JSON/,
  ],
  ["a number", base64("5"), '"5"', /must be a reading, an array of readings or/],
  ["an empty array", base64(" [] "), "[]", /^Cannot read the record as it must hold a reading$/],
  [
    "no list of readings",
    base64('{"readings": 5}'),
    JSON.stringify('{"readings": 5}'),
    /"readings" must be an array$/,
  ],
  ["NUL", base64(NUL), JSON.stringify(NUL), /must be JSON/],
  [
    "bytes that are no text",
    base64(Uint8Array.from([0xff, 0xfe, 0])),
    '{"base64":"//4A"}',
    /must be text in UTF-8$/,
  ],
  [
    "gzip that was cut off",
    base64(GZIPPED.slice(0, 40)),
    JSON.stringify({ base64: base64(GZIPPED.slice(0, 40)) }),
    /must be whole gzip data$/,
  ],
  [
    "gzip with a wrong checksum",
    base64(broken(GZIPPED, GZIPPED.length - 6)),
    JSON.stringify({ base64: base64(broken(GZIPPED, GZIPPED.length - 6)) }),
    /must be whole gzip data$/,
  ],
  [
    "an aggregated record with a wrong checksum",
    base64(broken(AGGREGATED, 30)),
    JSON.stringify({ base64: base64(broken(AGGREGATED, 30)) }),
    /its MD5 checksum must be that of its message$/,
  ],
  [
    "an aggregated record of nothing",
    base64(aggregated([])),
    JSON.stringify({ base64: base64(aggregated([])) }),
    /must hold a user record$/,
  ],
  ["null", null, "null", /must be a reading, an array of readings or/],
  ["a decoded number", 1.5, "1.5", /must be a reading, an array of readings or/],
];
for (const [what, data, payload, reason] of faults) {
  Deno.test(`a record of ${what} is one dead letter, whole, and costs the others nothing`, async () => {
    await using server = await kinesisServer();

    const { body } = await server.post(pipesEvents([base64(BATCH[0]), data, base64(BATCH[1])]));

    assert.deepEqual([body.accepted, body.rejected], [2, 1], JSON.stringify(body));
    const [letter] = await storedDeadLetters(server.db.sql);
    assert.deepEqual([letter.position, letter.path, letter.payload], [1, "[1].data", payload]);
    assert.match(letter.reason, reason);
    const [{ records }] = await server.db.sql`select records from dead_letters`;
    assert.deepEqual([records[0].partition_key, records[0].index], ["ENGINE_1", 1]);
  });
}

Deno.test("empty records are one dead letter that names each of them", async () => {
  await using server = await kinesisServer();

  await server.post(lambdaEvent(["", base64(BATCH[0]), ""]));
  await server.post(lambdaEvent(["", base64(BATCH[0]), ""])); // the same records again
  await server.firehose(firehoseRequest([""], "request-1"));

  const [letter, ...others] = await server.db.sql`select seen, records from dead_letters`;
  assert.deepEqual([others.length, letter.seen], [0, 5]);
  assert.deepEqual(
    letter.records.map(({ partition_key, request_id }: Record<string, string>) =>
      partition_key ?? request_id
    ),
    ["ENGINE_0", "ENGINE_2", "request-1"],
  );
});

Deno.test("a dead letter names a hundred records at most, the first ones", async () => {
  await using server = await kinesisServer();

  await server.firehose(firehoseRequest(Array(150).fill(""), "request-1"));
  await server.firehose(firehoseRequest(["", ""], "request-2"));

  const [{ seen, records }] = await server.db.sql`select seen, records from dead_letters`;
  assert.deepEqual([seen, records.length, records[99].index], [152, 100, 99]);
});

Deno.test("in lines, a bad one is that line's fault alone", async () => {
  await using server = await kinesisServer();

  const { body } = await server.post(
    pipesEvents([base64([JSON_TEXTS[0], '{"cycle":', JSON_TEXTS[1]].join("\n"))]),
  );

  assert.deepEqual([body.accepted, body.rejected], [2, 1]);
  const [letter] = await storedDeadLetters(server.db.sql);
  assert.deepEqual([letter.path, letter.payload], ["[0].data[1]", JSON.stringify('{"cycle":')]);
});

Deno.test("of an aggregated record each user record has its own faults, place and partition key", async () => {
  await using server = await kinesisServer();
  const bad = JSON.stringify({ ...BATCH[1], s11: "hot" });
  const damaged = gzip("{}").slice(0, -3);

  const { body } = await server.post(pipesEvents([
    base64(aggregated([
      { partitionKey: "ENGINE_A", data: JSON_TEXTS[0] },
      { partitionKey: "ENGINE_B", data: `[${JSON_TEXTS[0]},${bad}]` },
      { partitionKey: "ENGINE_C", data: "" },
      { partitionKey: "ENGINE_A", data: damaged },
    ])),
  ]));

  assert.deepEqual([body.accepted, body.duplicates, body.rejected], [1, 1, 3]);
  const letters = await server.db.sql`
    select path, payload::text, records -> 0 ->> 'partition_key' as key from dead_letters order by position`;
  assert.deepEqual(letters.map(({ path, payload, key }) => [path, payload, key]), [
    ["[0].data.records[1].data[1].s11", bad, "ENGINE_B"],
    ["[0].data.records[2].data", '""', "ENGINE_C"],
    ["[0].data.records[3].data", JSON.stringify({ base64: base64(damaged) }), "ENGINE_A"],
  ]);
});

Deno.test("dead letters keep what JavaScript would round, repeat or reorder, from base64 and from decoded data", async () => {
  await using server = await kinesisServer();
  const exact = '{"engine_id": "Ω-\\u0000", "cycle": 1e400, "cycle": 12345678901234567890, "é": [1.0]}';

  await server.post(`[{"data": "${base64(exact)}"}]`);
  await server.post(`{"detail": [{"other": 1}, {"data":   ${exact.replace("1e400", "1e401")} }]}`);
  await server.post(`{"detail": {"data": [1.0, ${exact.replace("1e400", "1e402")}]}}`);

  const payloads = (await storedDeadLetters(server.db.sql)).map(({ payload }) => payload);
  assert.deepEqual(
    payloads.filter((payload) => payload.includes("1e40")).toSorted(),
    ["1e400", "1e401", "1e402"].map((number) => exact.replace("1e400", number)),
  );
});

Deno.test("Unicode arrives as it was sent", async () => {
  await using server = await kinesisServer();
  const text = '{"engine_id":"Двигатель 𝟙","note":"\u2028 é e\u0301"}';

  await server.firehose(firehoseRequest([base64(text), base64(gzip(text))]));

  const [letter] = await storedDeadLetters(server.db.sql);
  assert.deepEqual([letter.payload, letter.seen], [text, 2]);
});

Deno.test("a record of 1 MiB, the largest there is, is stored like any other", async () => {
  await using server = await kinesisServer();
  const one = JSON.stringify(reading({ engine_id: "ENGINE_000" }));
  const count = Math.floor(1024 * 1024 / (one.length + 1));
  const lines = Array.from({ length: count }, (_, i) => {
    const engine_id = `ENGINE_${String(i % 10).padStart(3, "0")}`;
    const timestamp = new Date(Date.UTC(2024, 0, 1, Math.floor(i / 10))).toISOString();
    return JSON.stringify(reading({ engine_id, timestamp }));
  });
  const record = lines.join("\n").padEnd(1024 * 1024, "\n");

  const { status } = await server.firehose(firehoseRequest([base64(record)]));

  assert.equal(status, 200);
  assert.deepEqual(await stored(server.db.sql), { readings: count, engines: 10, batches: 1, deadLetters: 0 });
});

Deno.test("a gzip bomb is a dead letter, whole, and leaves room for the other records", async () => {
  await using server = await kinesisServer({ maxBodyBytes: 1024 * 1024 });
  const bomb = base64(gzip(new Uint8Array(64 * 1024 * 1024)));

  const { body } = await server.post(pipesEvents([bomb, base64(GZIPPED)]));

  assert.deepEqual([body.accepted, body.rejected], [4, 1]);
  const [letter] = await storedDeadLetters(server.db.sql);
  assert.equal(letter.payload, JSON.stringify({ base64: bomb }));
  assert.equal(
    letter.reason,
    "Cannot read the record as it must be at most 524288 bytes after decompression",
  );
});

Deno.test("gzipped records that come to more than a delivery may are dead letters, which a replay can store", async () => {
  await using server = await kinesisServer({ maxBodyBytes: 16 * 1024 });
  const data = BATCH.map((each) => base64(gzip(JSON.stringify({ ...each, note: "n".repeat(7000) }))));

  const { body } = await server.post(pipesEvents(data));

  assert.deepEqual([body.accepted, body.rejected], [2, 2]);
  const letters = await storedDeadLetters(server.db.sql);
  assert.deepEqual(
    letters.map(({ payload, reason }) => [payload, reason]),
    [2, 3].map((i) => [
      JSON.stringify({ base64: data[i] }),
      "Cannot read the record as all of its delivery must be at most 16384 bytes after decompression",
    ]),
  );
  assert.deepEqual(await replayDeadLetters(server.db.sql, "test"), { passed: 2, failed: 0, withheld: 0 });
});

Deno.test("a hundred gzip bombs in a delivery are not all opened", async () => {
  await using server = await kinesisServer({ maxBodyBytes: 1024 * 1024 });
  const data = Array.from({ length: 100 }, (_, i) => base64(gzip(new Uint8Array(4 * 1024 * 1024 + i))));

  const { body } = await server.post(pipesEvents([base64(BATCH[0]), ...data]));

  assert.deepEqual([body.accepted, body.rejected], [1, 100]);
  const reasons = await server.db
    .sql`select reason, count(*)::int as n from dead_letters group by reason order by n`;
  assert.deepEqual(reasons.map(({ n }) => n), [2, 98]);
});
