import assert from "node:assert/strict";
import fc from "fast-check";
import type postgres from "postgres";
import { type Candidates, Undecodable } from "../../shared/candidates.ts";
import { connect } from "../../shared/database.ts";
import { storeBatch } from "../../shared/intake.ts";
import type { Reading } from "../../shared/reading.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import { hasPostgres15, testDatabase } from "../support/database.ts";
import { candidates, reading, readings } from "../support/readings.ts";
import { deadlocks, NOTHING, stored, storedDeadLetters, storedMonths } from "../support/stored.ts";

const ORIGIN = { source: "ingest", reference: null } as const;

/** Rows of sensor_data without what differs from run to run (batch, time of storing, engine's uuid), in key order. */
async function storedRows(sql: postgres.Sql): Promise<unknown[]> {
  const rows = await sql`
    select unit_number, cycle, "timestamp"::text as "timestamp", ${sql(VALUE_COLUMNS as unknown as string[])}
    from sensor_data join engines on engines.id = engine_id
    order by unit_number, sensor_data."timestamp", cycle`;
  return rows.map((row) => ({ ...row }));
}

/** Sums of the counts of all batches, and rows of the tables they count. */
async function assertCountsAddUp(sql: postgres.Sql): Promise<void> {
  const [sums] = await sql`
    select
      coalesce(sum(accepted + duplicates + rejected - received), 0)::integer as off,
      coalesce(sum(accepted), 0)::integer as accepted, coalesce(sum(rejected), 0)::integer as rejected
    from batches`;
  const [{ seen }] = await sql`select coalesce(sum(seen), 0)::integer as seen from dead_letters`;
  const { readings } = await stored(sql);
  assert.deepEqual({ ...sums }, { off: 0, accepted: readings, rejected: seen });
}

/** Empties what batches fill, so that one database serves many runs of a property. */
async function empty(sql: postgres.Sql): Promise<void> {
  await sql`truncate sensor_data, engines, batches, dead_letters cascade`;
}

/** Few engines, cycles and days, so that duplicates are common; values by their key, so that they are the same. */
const validReading = fc.record({
  engine: fc.integer({ min: 1, max: 3 }),
  cycle: fc.integer({ min: 1, max: 4 }),
  month: fc.integer({ min: 1, max: 3 }),
}).map(({ engine, cycle, month }) =>
  reading({
    engine_id: `ENGINE_00${engine}`,
    cycle,
    timestamp: `2024-0${month}-0${cycle}T00:00:00Z`,
    s2: 640 + engine + cycle / 10,
  })
);
const invalidReading = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    5,
    {},
    { ...reading(), s11: "47.4" },
    { ...reading(), cycle: 0 },
    { ...reading(), timestamp: "2024-01-01T00:00:00" },
    // these pass the schema: the database refuses them
    reading({ timestamp: "1900-01-01T00:00:00Z" }),
    reading({ timestamp: "2100-01-01T00:00:00Z" }),
  ),
  fc.constant(new Undecodable("Cannot read line 1 as it must be JSON")),
);
const isInvalid = (value: unknown) =>
  value instanceof Undecodable || value === null || typeof value !== "object" || !("cycle" in value) ||
  value.cycle === 0 || (value as Reading).s11 as unknown === "47.4" ||
  /^(1900|2100)|00$/.test((value as Reading).timestamp);
const mixedBatch = fc.array(fc.oneof({ weight: 3, arbitrary: validReading }, invalidReading), {
  maxLength: 30,
});

/** As a door makes them: undecodable text is kept as a JSON string. */
function asCandidates(values: readonly unknown[]): Candidates {
  return {
    values,
    payload: (index) => {
      const value = values[index];
      return JSON.stringify(value instanceof Undecodable ? "ENGINE_001,1" : value);
    },
  };
}

const keyOf = (each: Reading) => `${each.engine_id} ${each.timestamp} ${each.cycle}`;

Deno.test("accepted + duplicates + rejected = received, each of them exact, for any mixture", async () => {
  await using db = await testDatabase();
  await fc.assert(
    fc.asyncProperty(mixedBatch, async (batch) => {
      await empty(db.sql);
      const result = await storeBatch(db.sql, ORIGIN, asCandidates(batch));

      const valid = batch.filter((value) => !isInvalid(value)) as Reading[];
      const distinct = new Set(valid.map(keyOf)).size;
      assert.equal(result.received, batch.length);
      assert.equal(result.accepted, distinct);
      assert.equal(result.duplicates, valid.length - distinct);
      assert.deepEqual(
        result.rejections.map(({ index }) => index),
        batch.flatMap((value, index) => isInvalid(value) ? [index] : []),
      );
      await assertCountsAddUp(db.sql);
    }),
    { seed: 2, numRuns: 100 },
  );
});

Deno.test("ingesting a batch twice is ingesting it once, and the second time nothing is accepted", async () => {
  await using db = await testDatabase();
  await fc.assert(
    fc.asyncProperty(mixedBatch, async (batch) => {
      await empty(db.sql);
      const first = await storeBatch(db.sql, ORIGIN, asCandidates(batch));
      const rows = await storedRows(db.sql);
      const letters = (await storedDeadLetters(db.sql)).map(({ seen: _, ...letter }) => letter);

      const second = await storeBatch(db.sql, ORIGIN, asCandidates(batch));

      assert.deepEqual([second.accepted, second.duplicates], [0, first.accepted + first.duplicates]);
      assert.deepEqual(second.rejections, first.rejections.map(withNow(second.rejections)));
      assert.deepEqual(await storedRows(db.sql), rows);
      assert.deepEqual((await storedDeadLetters(db.sql)).map(({ seen: _, ...letter }) => letter), letters);
      await assertCountsAddUp(db.sql);
    }),
    { seed: 3, numRuns: 50 },
  );
});

/** The latest accepted time moves with the clock, and is told in messages. */
function withNow<T extends { message: string }>(others: readonly T[]): (each: T, i: number) => T {
  return (each, i) => each.message.includes(" between ") ? { ...each, message: others[i].message } : each;
}

Deno.test("neither the order of batches nor how readings are split among them changes what is stored", async () => {
  await using db = await testDatabase();
  const arrival = fc.tuple(
    mixedBatch.map((batch) => batch.filter((value) => !isInvalid(value))),
    fc.array(fc.nat(30), { maxLength: 5 }),
    fc.array(fc.nat(), { minLength: 6, maxLength: 6 }),
  );
  await fc.assert(
    fc.asyncProperty(arrival, async ([batch, cuts, order]) => {
      await empty(db.sql);
      await storeBatch(db.sql, ORIGIN, candidates(batch));
      const whole = await storedRows(db.sql);

      await empty(db.sql);
      const edges = [0, ...cuts.map((cut) => cut % (batch.length + 1)).sort((a, b) => a - b), batch.length];
      const parts = edges.slice(1).map((edge, i) => batch.slice(edges[i], edge));
      const shuffled = parts.map((part, i) => ({ part, rank: order[i] })).sort((a, b) => a.rank - b.rank);
      let accepted = 0;
      for (const { part } of shuffled) {
        accepted += (await storeBatch(db.sql, ORIGIN, candidates(part))).accepted;
      }

      assert.equal(accepted, whole.length);
      assert.deepEqual(await storedRows(db.sql), whole);
    }),
    { seed: 4, numRuns: 50 },
  );
});

Deno.test("each stored value is the nearest single of the value that was sent, and null stays null", async () => {
  await using db = await testDatabase();
  const single = fc.oneof(
    fc.double({ min: -3.4e38, max: 3.4e38, noNaN: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((n) => n / 10_000),
    fc.constantFrom(
      null,
      0,
      -0,
      1e-45,
      7.1e-46,
      6.9e-46,
      -1e-46,
      5e-324,
      1.1754943e-38,
      3.4028234663852886e38,
      16777217,
      0.1,
    ),
  );
  const rows = fc.array(fc.array(single, { minLength: 17, maxLength: 17 }), { minLength: 1, maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(rows, async (sent) => {
      await empty(db.sql);
      const batch = sent.map((values, i) =>
        reading({
          cycle: i + 1,
          ...Object.fromEntries(VALUE_COLUMNS.map((column, j) => [column, values[j]])),
        })
      );
      await storeBatch(db.sql, ORIGIN, candidates(batch));

      // through float8, which holds every single exactly
      const found = await db.sql.unsafe(
        `select ${
          VALUE_COLUMNS.map((column) => `${column}::float8`).join(", ")
        } from sensor_data order by cycle`,
      );
      const expected = sent.map((values) =>
        values.map((value) => value === null ? null : Math.fround(value) + 0)
      );
      assert.deepEqual(found.map((row) => VALUE_COLUMNS.map((column) => row[column])), expected);
    }),
    { seed: 5, numRuns: 60 },
  );
});

Deno.test("microseconds of timestamps survive, whatever their zone, and nanoseconds are rounded", async () => {
  await using db = await testDatabase();
  const sent = [
    ["2024-01-01T00:00:00.123456Z", "2024-01-01 00:00:00.123456"],
    ["2024-01-01T00:00:00.000001+00:00", "2024-01-01 00:00:00.000001"],
    ["2024-01-01 05:30:00.5+05:30", "2024-01-01 00:00:00.500000"],
    ["2023-12-31T19:00:00-05", "2024-01-01 00:00:00.000000"],
    ["2024-01-31T23:59:59.9999996Z", "2024-02-01 00:00:00.000000"],
    ["2024-01-01t12:00z", "2024-01-01 12:00:00.000000"],
  ];
  await storeBatch(
    db.sql,
    ORIGIN,
    candidates(sent.map(([timestamp], i) => reading({ cycle: i + 1, timestamp }))),
  );

  const rows = await db.sql`
    select to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') as text from sensor_data order by cycle`;
  assert.deepEqual(rows.map(({ text }) => text), sent.map(([, text]) => text));
  assert.deepEqual((await storedMonths(db.sql)).slice(0, 2), ["2024_01", "2024_02"]);
});

Deno.test("of duplicates inside a batch one is accepted, the same instant in another zone among them", async () => {
  await using db = await testDatabase();
  const one = reading({ timestamp: "2024-01-01T00:00:00Z" });

  const { accepted, duplicates } = await storeBatch(
    db.sql,
    ORIGIN,
    candidates([one, one, { ...one, timestamp: "2024-01-01 01:00:00+01" }, { ...one, cycle: 2 }]),
  );

  assert.deepEqual([accepted, duplicates], [2, 2]);
});

Deno.test("a reading that was stored stays as it is when other values arrive under its key", async () => {
  await using db = await testDatabase();
  await storeBatch(db.sql, ORIGIN, candidates([reading({ s2: 641 })]));

  const { duplicates } = await storeBatch(db.sql, ORIGIN, candidates([reading({ s2: 999 })]));

  assert.equal(duplicates, 1);
  const [{ s2 }] = await db.sql`select s2 from sensor_data`;
  assert.equal(s2, 641);
});

Deno.test("a batch of nothing is a batch", async () => {
  await using db = await testDatabase();
  const result = await storeBatch(db.sql, { source: "load", reference: "empty.txt" }, candidates([]));

  assert.deepEqual({ ...result, batchId: "" }, {
    batchId: "",
    stored: true,
    repeated: false,
    received: 0,
    accepted: 0,
    duplicates: 0,
    rejections: [],
  });
  const [batch] = await db.sql`select id, source, reference, received from batches`;
  assert.deepEqual({ ...batch }, { id: result.batchId, source: "load", reference: "empty.txt", received: 0 });
});

Deno.test("each reading and each dead letter names the batch that brought it", async () => {
  await using db = await testDatabase();
  const { batchId } = await storeBatch(db.sql, ORIGIN, candidates([reading(), null]));

  const [row] = await db.sql`
    select (select batch_id from sensor_data) as reading, (select batch_id from dead_letters) as letter`;
  assert.deepEqual({ ...row }, { reading: batchId, letter: batchId });
});

Deno.test("a new engine is registered at its first reading, once", async () => {
  await using db = await testDatabase();
  await storeBatch(
    db.sql,
    ORIGIN,
    candidates([...readings(2, { engine_id: "B" }), reading({ engine_id: "A" })]),
  );
  await storeBatch(db.sql, ORIGIN, candidates(readings(3, { engine_id: "B" })));

  const engines = await db.sql`select unit_number, status from engines order by unit_number`;
  assert.deepEqual(engines.map((each) => ({ ...each })), [
    { unit_number: "A", status: "active" },
    { unit_number: "B", status: "active" },
  ]);
});

Deno.test("an engine none of whose readings is accepted is not registered", async () => {
  await using db = await testDatabase();
  await storeBatch(
    db.sql,
    ORIGIN,
    candidates([
      reading({ engine_id: "OLD", timestamp: "1999-12-31T23:59:59Z" }),
      { ...reading({ engine_id: "BAD" }), s2: "x" },
    ]),
  );
  assert.deepEqual(await stored(db.sql), { ...NOTHING, batches: 1, deadLetters: 2 });
});

Deno.test("with unknown_engines = reject, readings of unknown engines are dead letters and the engine stays unknown", async () => {
  await using db = await testDatabase();
  await storeBatch(db.sql, ORIGIN, candidates([reading({ engine_id: "KNOWN" })]));
  await db.sql`update intake_settings set unknown_engines = 'reject'`;
  const strangers = [
    reading({ engine_id: "STRANGER", cycle: 2 }),
    reading({ engine_id: "STRANGER", cycle: 3 }),
  ];

  const result = await storeBatch(
    db.sql,
    ORIGIN,
    candidates([strangers[0], reading({ engine_id: "KNOWN", cycle: 2 }), strangers[1]]),
  );

  const message = "Cannot accept engine_id as it must be a registered engine: current value is STRANGER";
  assert.equal(result.accepted, 1);
  assert.deepEqual(result.rejections, [
    { index: 0, path: "engine_id", message },
    { index: 2, path: "engine_id", message },
  ]);
  const letters = await storedDeadLetters(db.sql);
  assert.deepEqual(letters.map(({ position, payload }) => [position, JSON.parse(payload)]), [
    [0, strangers[0]],
    [2, strangers[1]],
  ]);
  assert.deepEqual(await stored(db.sql), { readings: 2, engines: 1, batches: 2, deadLetters: 2 });
});

Deno.test("an engine registered while a batch without it waits does not upset the batch's counts", async () => {
  await using db = await testDatabase();
  await db.sql`update intake_settings set unknown_engines = 'reject'`;
  await db.sql`insert into engines (unit_number) values ('KNOWN')`;
  const other = connect(db.url, 1);
  await other`select pg_advisory_lock(hashtext('public.sensor_data partitions'))`;

  // it has looked the engines up, and waits for a new month
  const storing = storeBatch(
    db.sql,
    ORIGIN,
    candidates([reading({ engine_id: "LATE" }), reading({ engine_id: "KNOWN" })]),
  );
  for (let waiting = false; !waiting;) {
    [{ waiting }] = await other`
      select exists (select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())) as waiting`;
  }
  await other`insert into engines (unit_number) values ('LATE')`;
  await other.end(); // and with it the lock

  const result = await storing;
  assert.deepEqual([result.accepted, result.duplicates, result.rejections.length], [1, 0, 1]);
  await assertCountsAddUp(db.sql);
});

Deno.test("a timestamp outside of the window is a dead letter with the window in its reason, and makes no partition", async () => {
  await using db = await testDatabase();
  const months = await storedMonths(db.sql);
  const outside = [
    "1900-01-01T00:00:00Z",
    "2100-01-01T00:00:00Z",
    "1999-12-31T23:59:59.999999Z",
    "2000-01-01T00:30:00+01:00",
  ];

  const result = await storeBatch(
    db.sql,
    ORIGIN,
    candidates(outside.map((timestamp) => reading({ timestamp }))),
  );

  assert.deepEqual([result.accepted, result.rejections.length], [0, 4]);
  const seconds = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
  for (
    const [i, shown] of [
      "1900-01-01T00:00:00Z",
      "2100-01-01T00:00:00Z",
      "1999-12-31T23:59:59Z",
      "1999-12-31T23:30:00Z",
    ].entries()
  ) {
    const { index, path, message } = result.rejections[i];
    assert.deepEqual([index, path], [i, "timestamp"]);
    assert.match(
      message,
      new RegExp(
        `^Cannot accept timestamp as it must be between 2000-01-01T00:00:00Z and ${seconds}: current value is ${shown}$`,
      ),
    );
  }
  assert.deepEqual(await storedMonths(db.sql), months);
  assert.deepEqual(await stored(db.sql), { ...NOTHING, batches: 1, deadLetters: 4 });
});

Deno.test("the window's ends are inside, and its settings take effect with the next batch", async () => {
  await using db = await testDatabase();
  const at = (timestamp: string | Date) =>
    candidates([reading({ timestamp: new Date(timestamp).toISOString() })]);
  const ahead = (days: number) => new Date(Date.now() + days * 86_400_000);

  assert.equal((await storeBatch(db.sql, ORIGIN, at("2000-01-01T00:00:00Z"))).accepted, 1);
  assert.equal((await storeBatch(db.sql, ORIGIN, at(ahead(30.9)))).accepted, 1);
  assert.equal((await storeBatch(db.sql, ORIGIN, at(ahead(31.1)))).accepted, 0);

  await db.sql`update intake_settings set accepted_from = '2024-01-01T00:00:00Z', accepted_ahead = '1 day'`;
  assert.equal((await storeBatch(db.sql, ORIGIN, at("2023-12-31T23:59:59Z"))).accepted, 0);
  assert.equal((await storeBatch(db.sql, ORIGIN, at(ahead(1.1)))).accepted, 0);
  assert.equal((await storeBatch(db.sql, ORIGIN, at(ahead(0.9)))).accepted, 1);
});

for (
  const [what, bad] of [
    ["the schema refuses", { ...reading({ cycle: 3 }), s2: "x" }],
    ["the database refuses", reading({ timestamp: "1900-01-01T00:00:00Z" })],
    ["nobody could decode", new Undecodable("Cannot read it")],
  ] as const
) {
  Deno.test(`a strict batch with a reading that ${what} writes nothing at all`, async () => {
    await using db = await testDatabase();
    const months = await storedMonths(db.sql);

    const result = await storeBatch(db.sql, ORIGIN, candidates([...readings(2), bad]), { strict: true });

    assert.deepEqual([result.stored, result.received, result.accepted, result.duplicates], [false, 3, 0, 0]);
    assert.deepEqual(result.rejections.map(({ index }) => index), [2]);
    assert.deepEqual(await stored(db.sql), NOTHING);
    assert.deepEqual(await storedMonths(db.sql), months);
  });
}

Deno.test("a strict batch of valid readings is stored, duplicates and all", async () => {
  await using db = await testDatabase();
  const batch = candidates([...readings(3), reading()]);

  const first = await storeBatch(db.sql, ORIGIN, batch, { strict: true });
  const second = await storeBatch(db.sql, ORIGIN, batch, { strict: true });

  assert.deepEqual([first.stored, first.accepted, first.duplicates], [true, 3, 1]);
  assert.deepEqual([second.stored, second.accepted, second.duplicates], [true, 0, 4]);
});

/** Bodies that are valid JSON and that jsonb, or a parser's round trip, would change or refuse. */
const hostile: [string, string][] = [
  ["a number that no double holds", '{"s2":1e400}'],
  ["a NUL", '{"note":"a\\u0000b","\\u0000":1}'],
  ["lone surrogates", '{"note":"\\ud800","other":"\\udc00\\ud800"}'],
  ["repeated keys", '{"s2":1,"s2":2,"s2":3}'],
  ["big integers", "[123456789012345678901234567890, -0, 1E5]"],
  ["white space", '{ "s2" :\n\t1.50 }'],
  ["digits that a double loses", '{"s2":641.82000000000000001}'],
  ["characters of every plane", '{"note":"é 発動機 🛩 \u2028"}'],
  ["an empty key", '{"":{}}'],
];
for (const version of [17, 15] as const) {
  Deno.test({
    name: `dead letters keep their payload to the character (Postgres ${version})`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using db = await testDatabase({ version });
      const texts = hostile.map(([, text]) => text);

      await storeBatch(db.sql, ORIGIN, {
        values: texts.map((text) => JSON.parse(text)),
        payload: (index) => texts[index],
      });

      assert.deepEqual((await storedDeadLetters(db.sql)).map(({ payload }) => payload), texts);
    },
  });

  Deno.test({
    name: `JSON too deep for Postgres ${version} is kept as a JSON string, whole`,
    ignore: version === 15 && !hasPostgres15,
    async fn() {
      await using db = await testDatabase({ version });
      const deep = [
        `{"s2":${"[".repeat(10_000)}"]"${"]".repeat(10_000)}}`,
        '{"a":'.repeat(10_000) + "1" + "}".repeat(10_000),
      ];

      const result = await storeBatch(db.sql, ORIGIN, {
        values: deep.map((text) => JSON.parse(text)),
        payload: (index) => deep[index],
      });

      assert.equal(result.rejections.length, 2);
      assert.deepEqual((await storedDeadLetters(db.sql)).map(({ payload }) => JSON.parse(payload)), deep);
    },
  });
}

Deno.test("reasons hold whatever was sent: NUL, half a character, line feeds", async () => {
  await using db = await testDatabase();
  const bad = ["\u0000", "\ud800", "🛩".repeat(40), "a\nb\u2028c"].map((text) => ({
    ...reading(),
    s2: text,
    engine_id: text,
  }));

  const result = await storeBatch(db.sql, ORIGIN, candidates(bad));

  const letters = await storedDeadLetters(db.sql);
  assert.deepEqual(letters.map(({ reason }) => reason), result.rejections.map(({ message }) => message));
  for (const { reason } of letters) assert.doesNotMatch(reason, /\p{Cc}/u);
});

Deno.test("the same bad payload again only raises seen, also twice within a batch", async () => {
  await using db = await testDatabase();
  const bad = { ...reading(), s2: "x" };

  await storeBatch(db.sql, ORIGIN, candidates([reading(), bad, null, bad]));
  await storeBatch(db.sql, ORIGIN, candidates([bad]));

  const letters = await storedDeadLetters(db.sql);
  assert.deepEqual(letters.map(({ position, payload, seen }) => [position, payload, seen]), [
    [1, JSON.stringify(bad), 3],
    [2, "null", 1],
  ]);
  const [{ moved }] = await db
    .sql`select last_seen_at > first_seen_at as moved from dead_letters where seen = 3`;
  assert.equal(moved, true);
  await assertCountsAddUp(db.sql);
});

Deno.test("the same payload through another door, or after it was replayed, is another dead letter", async () => {
  await using db = await testDatabase();
  await storeBatch(db.sql, ORIGIN, candidates([null]));
  await storeBatch(db.sql, { source: "load", reference: "x.txt" }, candidates([null]));
  await db
    .sql`update dead_letters set replayed_at = now(), replay_batch_id = batch_id where source = 'ingest'`;
  await storeBatch(db.sql, ORIGIN, candidates([null]));

  const rows = await db.sql`select source, seen, replayed_at is null as open from dead_letters order by id`;
  assert.deepEqual(rows.map((row) => [row.source, row.seen, row.open]), [
    ["ingest", 1, false],
    ["load", 1, true],
    ["ingest", 1, true],
  ]);
});

Deno.test("eight senders of the same and of overlapping batches, in any order: none fails, each reading is there once", async () => {
  await using db = await testDatabase();
  const sql = connect(db.url, 8);
  const all = [1, 2, 3, 4].flatMap((engine) =>
    Array.from({ length: 60 }, (_, i) =>
      reading({
        engine_id: `ENGINE_00${engine}`,
        cycle: i + 1,
        timestamp: new Date(Date.UTC(2023, 0, 1 + i * 11)).toISOString(), // 22 months, none of which exists
      }))
  );
  const bad = [null, { ...reading(), s2: "x" }, reading({ timestamp: "1900-01-01T00:00:00Z" })];
  const send = async (sender: number) => {
    let received = 0, accounted = 0, accepted = 0;
    for (let round = 0; round < 4; round++) {
      // each sender its own order and its own overlap
      const start = (sender * 37 + round * 53) % all.length;
      const turned = [...all.slice(start), ...all.slice(0, start)].slice(0, 180);
      const batch = [
        ...(sender % 2 === 0 ? turned : turned.reverse()),
        ...(sender % 3 === 0 ? bad : bad.toReversed()),
      ];
      const result = await storeBatch(sql, ORIGIN, candidates(batch));
      received += result.received;
      accepted += result.accepted;
      accounted += result.accepted + result.duplicates + result.rejections.length;
    }
    assert.equal(accounted, received);
    return accepted;
  };

  const accepted = await Promise.all(Array.from({ length: 8 }, (_, sender) => send(sender)));
  await sql.end();

  // a lost race is run again, so that only the server tells that there was one
  assert.equal(await deadlocks(db.sql), 0);

  assert.equal(accepted.reduce((a, b) => a + b), all.length);
  assert.deepEqual(await stored(db.sql), { readings: all.length, engines: 4, batches: 32, deadLetters: 3 });
  assert.deepEqual((await storedDeadLetters(db.sql)).map(({ seen }) => seen), [32, 32, 32]);
  await assertCountsAddUp(db.sql);
});

Deno.test("the same readings in opposite order at once wait for each other and do not deadlock", async () => {
  await using db = await testDatabase();
  await storeBatch(db.sql, ORIGIN, candidates([reading()])); // engine and month are there: nothing else makes them wait
  const sql = connect(db.url, 4);
  await Promise.all(Array.from({ length: 4 }, () => sql`select pg_sleep(0.05)`));

  for (let round = 1; round <= 3; round++) {
    const batch = Array.from(
      { length: 2000 },
      (_, i) =>
        reading({
          cycle: round * 10_000 + i,
          timestamp: new Date(Date.UTC(2024, 0, 2) + i * 1000).toISOString(),
        }),
    );
    const results = await Promise.all(
      [batch, batch.toReversed(), batch, batch.toReversed()].map((each) =>
        storeBatch(sql, ORIGIN, candidates(each))
      ),
    );
    assert.equal(results.reduce((sum, { accepted }) => sum + accepted, 0), batch.length);
  }
  await sql.end();

  assert.equal(await deadlocks(db.sql), 0);
});

Deno.test("a reading that breaks a rule is stored, unless the rule says that the intake refuses it", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  const batch = () =>
    candidates([reading({ s11: 99 }), reading({ cycle: 2 }), reading({ cycle: 3, s11: 40 })]);
  assert.equal((await storeBatch(sql, ORIGIN, batch())).accepted, 3);
  await empty(sql);

  await sql`insert into engines (unit_number, dataset) values ('ENGINE_001', 'FD001')`;
  await sql`update expectations set at_intake = 'reject' where dataset = 'FD001' and column_name = 's11'`;
  const result = await storeBatch(sql, ORIGIN, batch());
  assert.deepEqual(result.rejections, [
    {
      index: 0,
      path: "s11",
      message: "Cannot accept s11 as it must be between 46 and 49.5 in FD001: current value is 99",
    },
    {
      index: 2,
      path: "s11",
      message: "Cannot accept s11 as it must be between 46 and 49.5 in FD001: current value is 40",
    },
  ]);
  assert.deepEqual([result.accepted, result.duplicates], [1, 0]);
  assert.deepEqual(await stored(sql), { readings: 1, engines: 1, batches: 1, deadLetters: 2 });
  assert.deepEqual((await storedRows(sql) as { cycle: number }[]).map(({ cycle }) => cycle), [2]);
  await assertCountsAddUp(sql);

  // all or nothing means this rule, too
  assert.equal((await storeBatch(sql, ORIGIN, batch(), { strict: true })).stored, false);
  // a rule that is switched off refuses nothing, nor does the less specific one that it hides
  await sql`update expectations set at_intake = 'reject' where dataset is null and column_name = 's11'`;
  await sql`update expectations set active = false where dataset = 'FD001' and column_name = 's11'`;
  assert.equal((await storeBatch(sql, ORIGIN, batch())).accepted, 2);
});

Deno.test("rules of the intake are those of the engine's dataset and of the reading's condition", async () => {
  await using db = await testDatabase();
  const { sql } = db;
  await sql`insert into engines (unit_number, dataset) values ('A', 'FD002'), ('B', 'FD009')`;
  await sql`
    update expectations set at_intake = 'reject'
    where (dataset = 'FD002' or dataset is null) and kind = 'range' and column_name in ('s2', 's11')`;
  const high = { altitude: 20.002, mach_number: 0.7, tra: 100, s2: 607, s11: 44.4 };
  const path = async (values: Partial<Reading>) => {
    const { rejections } = await storeBatch(sql, ORIGIN, candidates([reading(values)]));
    return rejections.map(({ message }) => message);
  };
  assert.deepEqual(await path({ engine_id: "A" }), []); // sea level
  assert.deepEqual(await path({ engine_id: "A", ...high }), []);
  assert.deepEqual(await path({ engine_id: "A", ...high, s11: 47.4, s2: 640 }), [
    "Cannot accept s2 as it must be between 604 and 611 in condition 3 of FD002: current value is 640; " +
    "Cannot accept s11 as it must be between 42.8 and 46 in condition 3 of FD002: current value is 47.4",
  ]);
  // nobody has rules for FD009, and an engine that is new has no dataset
  assert.deepEqual(await path({ engine_id: "B", ...high, s11: 47.4 }), []);
  assert.deepEqual(await path({ engine_id: "B", s11: 45 }), [
    "Cannot accept s11 as it must be between 46 and 49.5 in condition 1 of FD009: current value is 45",
  ]);
  assert.deepEqual(await path({ engine_id: "NEW", s11: 45 }), [
    "Cannot accept s11 as it must be between 46 and 49.5 in condition 1: current value is 45",
  ]);
  // an engine is not registered by a reading that is refused
  assert.deepEqual((await sql`select from engines where unit_number = 'NEW'`).length, 0);
  // bounds are in single precision, as readings are: 8.8 is within, though as a double it is less than the reading
  await sql`update expectations set at_intake = 'reject' where kind = 'range' and column_name = 's15'`;
  assert.deepEqual(await path({ engine_id: "NEW", s15: 8.8 }), []);
  assert.equal((await path({ engine_id: "NEW", s15: 8.8001 })).length, 1);
  // one-sided rules, and no value at all
  await sql`update expectations set min = null where dataset is null and condition = 1 and column_name = 's2'`;
  assert.deepEqual(await path({ engine_id: "NEW", s2: 1 }), []);
  assert.deepEqual(await path({ engine_id: "NEW", s2: 651 }), [
    "Cannot accept s2 as it must be at most 650 in condition 1: current value is 651",
  ]);
  assert.deepEqual(await path({ engine_id: "NEW", s2: null }), []);
  await sql`update expectations set at_intake = 'reject' where dataset is null and kind = 'nulls'`;
  assert.deepEqual(await path({ engine_id: "NEW", s2: null }), [
    "Cannot accept s2 as it must have a value: current value is missing",
  ]);
  // a reading is refused once, however many reasons there are
  const [first, ...others] = await path({ engine_id: "NEW", s2: null, timestamp: "1900-01-01T00:00:00Z" });
  assert.match(first, /^Cannot accept timestamp /);
  assert.deepEqual(others, []);
});
