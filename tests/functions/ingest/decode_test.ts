import assert from "node:assert/strict";
import { VALUE_COLUMNS } from "../../../shared/sensors.ts";
import { COLUMNS, csv } from "../../support/csv.ts";
import type { TestDatabase } from "../../support/database.ts";
import { gzip, type IngestServer, ingestServer, problem } from "../../support/ingest_server.ts";
import { reading, readings } from "../../support/readings.ts";
import { NOTHING, stored, storedDeadLetters } from "../../support/stored.ts";

/** What sensor_data holds, in the shape in which readings are sent. */
async function storedReadings(sql: TestDatabase["sql"]): Promise<unknown[]> {
  const rows = await sql`
    select
      unit_number as engine_id, cycle,
      to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as timestamp,
      ${sql(VALUE_COLUMNS as unknown as string[])}
    from sensor_data join engines on engines.id = engine_id
    order by unit_number, cycle, sensor_data."timestamp"`;
  return rows.map((row) => ({ ...row }));
}

/** Five readings, one with a sensor that gave no value. */
const BATCH = [...readings(4), reading({ cycle: 5, s17: null })];

const JSON_TYPE = { "content-type": "application/json" };
const NDJSON_TYPE = { "content-type": "application/x-ndjson" };
const CSV_TYPE = { "content-type": "text/csv" };
const ndjson = BATCH.map((each) => JSON.stringify(each)).join("\n");

/** 2024-01-01T00:00:00.000Z as 2024-01-01 00:00:00 and a zone. */
const spaced = (zone: string) => (value: unknown, column: string) =>
  column === "timestamp" ? String(value).replace("T", " ").replace(/\.000Z$/, zone) : String(value ?? "");

const bodies: [string, Record<string, string>, BodyInit][] = [
  ["a JSON array", JSON_TYPE, JSON.stringify(BATCH)],
  ["a JSON array with white space everywhere", JSON_TYPE, `\r\n\t ${JSON.stringify(BATCH, null, 2)} \n`],
  ["JSON with a byte order mark", JSON_TYPE, `\uFEFF${JSON.stringify(BATCH)}`],
  ['{"readings": […]}', JSON_TYPE, JSON.stringify({ sender: { readings: 1 }, readings: BATCH })],
  ["NDJSON", NDJSON_TYPE, ndjson],
  [
    "NDJSON with empty lines, CRLF and a last newline",
    NDJSON_TYPE,
    ndjson.replaceAll("\n", "\r\n\r\n") + "\r\n",
  ],
  ["NDJSON named application/ndjson", { "content-type": "application/ndjson" }, ndjson],
  ["NDJSON named application/jsonl", { "content-type": "application/jsonl; charset=utf-8" }, ndjson],
  ["CSV", CSV_TYPE, csv(BATCH)],
  [
    "CSV with CRLF",
    { "content-type": 'Text/CSV; header=present; charset="UTF-8"' },
    csv(BATCH, { newline: "\r\n" }),
  ],
  ["CSV with CRLF after its header only", CSV_TYPE, csv(BATCH).replace("\n", "\r\n")],
  ["CSV with LF after its header only", CSV_TYPE, csv(BATCH, { newline: "\r\n" }).replace("\r\n", "\n")],
  [
    "CSV with a quote inside a cell that is ignored",
    CSV_TYPE,
    csv(BATCH).replaceAll(/\n(?=.)/g, ',5" pipe\n').replace(',5" pipe', ",note").replace(/\n$/, ',5" pipe\n'),
  ],
  ["CSV without a newline at its end", CSV_TYPE, csv(BATCH).trimEnd()],
  ["CSV with every cell quoted", CSV_TYPE, csv(BATCH, { quoted: true })],
  [
    "CSV as Excel saves it: byte order mark, CRLF, empty lines at the end",
    CSV_TYPE,
    `\uFEFF${csv(BATCH, { newline: "\r\n" })}\r\n\r\n`,
  ],
  [
    "CSV as pandas writes it: an unnamed index, a space and +00:00",
    CSV_TYPE,
    csv(BATCH.map((each, i) => ({ ...each, "": i })), {
      columns: ["", ...COLUMNS],
      cell: (value, column) =>
        typeof value === "number" && column !== "cycle" && column !== "" && Number.isInteger(value)
          ? `${value}.0`
          : spaced("+00:00")(value, column),
    }),
  ],
  ["CSV as DuckDB writes it: a space and +00", CSV_TYPE, csv(BATCH, { cell: spaced("+00") })],
  [
    "CSV with shuffled columns and others among them",
    CSV_TYPE,
    csv(
      BATCH.map((each) => ({ ...each, note: "a, b" })),
      { columns: ["note", ...[...COLUMNS].reverse(), "s1"], quoted: true },
    ),
  ],
  ["CSV with spaces around its cells", CSV_TYPE, csv(BATCH, { cell: (value) => ` ${value ?? ""} ` })],
  ["gzip of JSON", { ...JSON_TYPE, "content-encoding": "gzip" }, gzip(JSON.stringify(BATCH))],
  ["gzip of NDJSON, named x-gzip", { ...NDJSON_TYPE, "content-encoding": "X-Gzip" }, gzip(ndjson)],
  [
    "gzip of CSV in three members",
    { ...CSV_TYPE, "content-encoding": "gzip" },
    Uint8Array.from(
      [csv(BATCH).slice(0, 50), csv(BATCH).slice(50, 51), csv(BATCH).slice(51)].flatMap((
        part,
      ) => [...gzip(part)]),
    ),
  ],
];
for (const [what, headers, body] of bodies) {
  Deno.test(`readings arrive whole from ${what}`, async () => {
    await using server = await ingestServer();

    const answer = await server.post(body, headers);

    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual([answer.body.accepted, answer.body.errors], [5, []]);
    // real -> JavaScript gives back the shortest decimal of the single-precision value: what was sent
    assert.deepEqual(await storedReadings(server.db.sql), BATCH);
  });
}

Deno.test("a single reading is a batch of one", async () => {
  await using server = await ingestServer();

  const { status, body } = await server.post(JSON.stringify(BATCH[0]));

  assert.deepEqual([status, body.accepted], [200, 1]);
  assert.deepEqual(await storedReadings(server.db.sql), [BATCH[0]]);
});

Deno.test("without a content type the body is taken for JSON", async () => {
  await using server = await ingestServer();

  const { status, body } = await server.post(new TextEncoder().encode(JSON.stringify(BATCH)), {
    "content-type": "",
  });

  assert.deepEqual([status, body.accepted], [200, 5]);
});

Deno.test("the last of two members named readings counts, as JSON.parse has it, for dead letters too", async () => {
  await using server = await ingestServer();
  const text = `{"readings": [1], "other": "\\"readings\\": [", "reading\\u0073" : [ 2e0 ] }`;

  const { body } = await server.post(text);

  assert.deepEqual([body.accepted, body.rejected], [0, 1]);
  assert.deepEqual((await storedDeadLetters(server.db.sql)).map(({ payload }) => payload), ["2e0"]);
});

for (
  const [what, text, headers] of [
    ["[]", "[]", JSON_TYPE],
    ['{"readings": []}', '{"readings": []}', JSON_TYPE],
    ["NDJSON of empty lines", "\n \n", NDJSON_TYPE],
    ["CSV of a header alone", csv([]), CSV_TYPE],
  ] as const
) {
  Deno.test(`an empty batch (${what}) is a batch of nothing`, async () => {
    await using server = await ingestServer();

    const { status, body: { batch_id: _, ...counts } } = await server.post(text, headers);

    assert.equal(status, 200);
    assert.deepEqual(counts, { accepted: 0, duplicates: 0, rejected: 0, errors: [] });
    assert.deepEqual(await stored(server.db.sql), { ...NOTHING, batches: 1 });
  });
}

Deno.test("a line of NDJSON that is not JSON is that line's fault alone, and is kept as text", async () => {
  await using server = await ingestServer();
  const lines = [
    JSON.stringify(BATCH[0]),
    '{"engine_id": "ENGINE_001", "cycle": NaN}',
    "", // skipped
    '{"unclosed": [1, 2',
    "🛩",
    JSON.stringify(BATCH[1]),
    "nul \u0000 here",
  ];

  const { status, body } = await server.post(lines.join("\n"), NDJSON_TYPE);

  assert.equal(status, 200);
  assert.deepEqual([body.accepted, body.rejected], [2, 4]);
  const paths = body.errors.map(({ index, path }: { index: number; path: string }) => [index, path]);
  assert.deepEqual(paths, [[1, ""], [2, ""], [3, ""], [5, ""]]);
  const places = body.errors.map(({ message }: { message: string }) => message.split(": ")[0]);
  assert.deepEqual(places, [2, 4, 5, 7].map((line) => `Cannot read line ${line} as it must be JSON`));
  const letters = await storedDeadLetters(server.db.sql);
  assert.deepEqual(
    letters.map(({ payload }) => JSON.parse(payload)),
    [lines[1], lines[3], lines[4], lines[6]],
  );
  assert.deepEqual(
    letters.map(({ reason }) => reason),
    body.errors.map(({ message }: { message: string }) => message),
  );
});

Deno.test("a quote inside a CSV cell is that cell's fault alone", async () => {
  const text = csv([reading({ cycle: 1 }), reading({ cycle: 2, engine_id: 'MI"X5' }), reading({ cycle: 3 })]);
  await using server = await ingestServer();
  const { status, body } = await server.post(text, CSV_TYPE);
  assert.equal(status, 200);
  assert.deepEqual([body.accepted, body.rejected, body.errors[0].index], [2, 1, 1]);
  const [{ engine_id }] = await server.db.sql`select payload ->> 'engine_id' as engine_id from dead_letters`;
  assert.equal(engine_id, 'MI"X5');
});

Deno.test("a CSV line with too few or too many cells is that line's fault alone, and is kept as text", async () => {
  await using server = await ingestServer();
  const lines = csv(BATCH).trimEnd().split("\n");
  lines.splice(2, 0, "ENGINE_001,2");
  lines.splice(4, 0, `${lines[1]},1`);

  const { status, body } = await server.post(lines.join("\r\n"), CSV_TYPE);

  assert.equal(status, 200);
  assert.deepEqual([body.accepted, body.rejected], [5, 2]);
  const cells = "cells, as the first line has";
  assert.deepEqual(body.errors, [
    { index: 1, path: "", message: `Cannot read line 3 as it must have 20 ${cells}` },
    { index: 3, path: "", message: `Cannot read line 5 as it must have 20 ${cells}` },
  ]);
  const letters = await storedDeadLetters(server.db.sql);
  assert.deepEqual(letters.map(({ payload }) => JSON.parse(payload)), ["ENGINE_001,2", `${lines[1]},1`]);
});

const single = (column: string) =>
  `Cannot accept ${column} as it must be a finite number within single precision, or null where the sensor ` +
  `gave no value: current value is `;
const cells: [string, string, string][] = [
  ["s2", "NaN", `${single("s2")}"NaN"`],
  ["s2", "inf", `${single("s2")}"inf"`],
  ["s2", "-Infinity", `${single("s2")}"-Infinity"`],
  ["s2", "1e400", `${single("s2")}Infinity`],
  ["s2", "0x10", `${single("s2")}"0x10"`],
  ["s2", "true", `${single("s2")}"true"`],
  ["s2", "641.8 R", `${single("s2")}"641.8 R"`],
  ["s2", '"641,8"', `${single("s2")}"641,8"`],
  ["s2", "null", `${single("s2")}"null"`],
  [
    "cycle",
    "",
    "Cannot accept cycle as it must be a whole number from 1 to 2147483647: current value is null",
  ],
  [
    "cycle",
    "1.5",
    "Cannot accept cycle as it must be a whole number from 1 to 2147483647: current value is 1.5",
  ],
  [
    "engine_id",
    "",
    'Cannot accept engine_id as it must be 1 to 64 letters, digits or . _ : -, beginning with a letter or digit: current value is ""',
  ],
];
for (const [column, cell, message] of cells) {
  Deno.test(`a CSV cell ${cell || "without text"} is refused for ${column}`, async () => {
    await using server = await ingestServer();

    const { status, body } = await server.post(
      csv([reading()], { cell: (value, name) => name === column ? cell : String(value) }),
      CSV_TYPE,
    );

    assert.equal(status, 200);
    assert.deepEqual(body.errors, [{ index: 0, path: column, message }]);
    assert.deepEqual(await stored(server.db.sql), { ...NOTHING, batches: 1, deadLetters: 1 });
  });
}

Deno.test("numbers of CSV may be written with a plus sign, without a leading or trailing digit, with leading zeros", async () => {
  await using server = await ingestServer();
  const written: Record<string, string> = {
    s2: "+641.8",
    s3: ".5",
    s4: "1403.",
    s7: "007",
    s8: "2.5E+1",
    cycle: "01",
  };

  const { body } = await server.post(
    csv([reading()], { cell: (value, column) => written[column] ?? String(value) }),
    CSV_TYPE,
  );

  assert.deepEqual(body.errors, []);
  const [row] = await server.db.sql`select cycle, s2, s3, s4, s7, s8 from sensor_data`;
  assert.deepEqual({ ...row }, { cycle: 1, s2: 641.8, s3: 0.5, s4: 1403, s7: 7, s8: 25 });
});

Deno.test("a rejected row of CSV is kept as JSON with each number's own digits", async () => {
  await using server = await ingestServer();
  const written: Record<string, string> = {
    s2: "1e400",
    s3: "1586.9000000000000001",
    s4: "+1",
    s7: "NaN",
    s8: "",
  };

  await server.post(
    csv([{ ...reading(), note: 'a "b"' }], {
      columns: [...COLUMNS, "note"],
      cell: (value, column) => written[column] ?? (column === "note" ? '"a ""b"""' : String(value)),
    }),
    CSV_TYPE,
  );

  const [{ payload }] = await storedDeadLetters(server.db.sql);
  assert.match(payload, /"s2":1e400,"s3":1586\.9000000000000001,"s4":1,"s7":"NaN","s8":null,/);
  assert.match(payload, /"note":"a \\"b\\""\}$/);
});

/** The body is refused whole, and nothing is stored. */
async function refused(
  server: IngestServer,
  body: BodyInit | null,
  headers: Record<string, string>,
  detail: string | RegExp,
): Promise<void> {
  const answer = await server.post(body, headers);
  assert.equal(answer.status, 400);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const { detail: actual, ...rest } = answer.body;
  assert.deepEqual(rest, problem(400, "unreadable-body", "The body cannot be read"));
  if (typeof detail === "string") assert.equal(actual, detail);
  else assert.match(actual, detail);
  assert.deepEqual(await stored(server.db.sql), NOTHING);
}

const shape = 'Cannot read the body as it must be a reading, an array of readings or {"readings": […]}';
const header = csv([]).trimEnd();
const unreadable: [string, Record<string, string>, BodyInit | null, string | RegExp][] = [
  [
    "text that is no JSON",
    JSON_TYPE,
    "hello",
    "Cannot read the body as it must be JSON: Unexpected token 'h'",
  ],
  [
    "an unclosed array",
    JSON_TYPE,
    JSON.stringify(BATCH).slice(0, -1),
    /^Cannot read the body as it must be JSON: Expected ',' or '\]' after array element/,
  ],
  [
    "an unclosed reading",
    JSON_TYPE,
    '[{"engine_id": "ENG',
    /^Cannot read the body as it must be JSON: Unterminated string/,
  ],
  [
    "a NaN literal",
    JSON_TYPE,
    '[{"s2": NaN}]',
    "Cannot read the body as it must be JSON: Unexpected token 'N'",
  ],
  [
    "an Infinity literal",
    JSON_TYPE,
    '[{"s2": -Infinity}]',
    /^Cannot read the body as it must be JSON: No number after minus sign/,
  ],
  [
    "a raw NUL in a string",
    JSON_TYPE,
    '["\u0000"]',
    /^Cannot read the body as it must be JSON: Bad control character/,
  ],
  [
    "white space alone",
    JSON_TYPE,
    "  \n",
    "Cannot read the body as it must be JSON: Unexpected end of JSON input",
  ],
  [
    "NDJSON sent as JSON",
    JSON_TYPE,
    ndjson,
    /^Cannot read the body as it must be JSON: Unexpected non-whitespace character after JSON/,
  ],
  ["a number", JSON_TYPE, "5", shape],
  ["a string", JSON_TYPE, '"ENGINE_001"', shape],
  ["null", JSON_TYPE, "null", shape],
  ['{"readings": 5}', JSON_TYPE, '{"readings": 5}', 'Cannot read the body as "readings" must be an array'],
  ['{"readings": {}}', JSON_TYPE, '{"readings": {}}', 'Cannot read the body as "readings" must be an array'],
  ["no body", JSON_TYPE, null, "Cannot read the body as it must not be empty"],
  ["an empty body", CSV_TYPE, "", "Cannot read the body as it must not be empty"],
  ["invalid UTF-8", NDJSON_TYPE, Uint8Array.of(0x22, 0xff, 0x22), "Cannot read the body as it must be UTF-8"],
  [
    "UTF-8 that ends within a character",
    JSON_TYPE,
    Uint8Array.of(0x22, 0xe2, 0x82),
    "Cannot read the body as it must be UTF-8",
  ],
  [
    "UTF-16",
    JSON_TYPE,
    Uint8Array.of(0xff, 0xfe, 0x5b, 0, 0x5d, 0),
    "Cannot read the body as it must be UTF-8",
  ],
  [
    "CSV without some columns",
    CSV_TYPE,
    "engine_id,cycle,timestamp,altitude,mach_number,tra,s2,s3,s4,s7,s8,s9,s11,s12,s13,s14,S15,s17\n",
    "Cannot read the body as its first line must name every column: missing s15, s20, s21",
  ],
  [
    "CSV without a header",
    CSV_TYPE,
    csv(BATCH).split("\n").slice(1).join("\n"),
    /^Cannot read the body as its first line must name every column: missing engine_id, cycle, timestamp, altitude/,
  ],
  [
    "CSV with a column twice",
    CSV_TYPE,
    `${header},s2\n`,
    "Cannot read the body as its first line must name each column once: repeated s2",
  ],
  [
    "CSV with semicolons",
    CSV_TYPE,
    csv(BATCH).replaceAll(",", ";"),
    /^Cannot read the body as its first line must name every column: missing engine_id/,
  ],
  [
    "CSV with an unclosed quote",
    CSV_TYPE,
    `${header}\n"ENGINE_001,1\n`,
    /^Cannot read the body as it must be CSV: Quote Not Closed/,
  ],
];
for (const [what, headers, body, detail] of unreadable) {
  Deno.test(`${what} gets 400, and nothing is stored`, async () => {
    await using server = await ingestServer();
    await refused(server, body, headers, detail);
  });
}

for (
  const type of [
    "text/plain",
    "application/xml",
    "multipart/form-data; boundary=x",
    "application/json; charset=iso-8859-1",
    "text/csv; charset=utf-16",
    "constructor",
  ]
) {
  Deno.test(`Content-Type ${type} gets 415, and nothing is stored`, async () => {
    await using server = await ingestServer();

    const { status, headers, body } = await server.post(JSON.stringify(BATCH), { "content-type": type });

    assert.equal(status, 415);
    assert.equal(headers.get("content-type"), "application/problem+json");
    assert.deepEqual(body, {
      ...problem(415, "unsupported-content-type", "The content type is not supported"),
      detail: "Cannot read the body as its Content-Type must be application/json, application/x-ndjson, " +
        "application/ndjson, application/jsonl, application/x-jsonlines, text/csv in UTF-8: " +
        `current value is ${type}`,
    });
    assert.deepEqual(await stored(server.db.sql), NOTHING);
  });
}
