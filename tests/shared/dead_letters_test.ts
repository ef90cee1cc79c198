import assert from "node:assert/strict";
import { join } from "node:path";
import { listDeadLetters, replayDeadLetters } from "../../shared/dead_letters.ts";
import { Undecodable } from "../../shared/candidates.ts";
import { storeBatch } from "../../shared/intake.ts";
import { readDelivery } from "../../functions/kinesis/envelopes.ts";
import { decodeRecords } from "../../functions/kinesis/records.ts";
import { aggregated } from "../support/aggregated_record.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { gzip } from "../support/ingest_server.ts";
import { base64, pipesEvents, sequenceNumber } from "../support/kinesis_server.ts";
import { candidates, reading, readings } from "../support/readings.ts";

const ORIGIN = { source: "ingest", reference: "a request" } as const;
const open = { all: false, limit: 1000 };

Deno.test("readings of an unknown engine pass once the engine may be registered, and are marked, not deleted", async () => {
  await using db = await testDatabase();
  await db.sql`update intake_settings set unknown_engines = 'reject'`;
  await storeBatch(db.sql, ORIGIN, candidates(readings(3)));

  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 0, failed: 3, withheld: 0 });
  const [still] = await listDeadLetters(db.sql, open);
  assert.equal(still.replay_attempts, 1);
  assert.equal(
    still.replay_error,
    "Cannot accept engine_id as it must be a registered engine: current value is ENGINE_001",
  );

  await db.sql`update intake_settings set unknown_engines = 'register'`;
  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 3, failed: 0, withheld: 0 });
  assert.equal((await listDeadLetters(db.sql, open)).length, 0);
  const letters = await listDeadLetters(db.sql, { ...open, all: true });
  assert.deepEqual(letters.map(({ replay_attempts, replay_error }) => [replay_attempts, replay_error]), [
    [2, null],
    [2, null],
    [2, null],
  ]);

  const stored = await db.sql`
    select cycle, source, reference from sensor_data join batches on batches.id = batch_id order by cycle`;
  assert.deepEqual(
    [...stored],
    [1, 2, 3].map((cycle) => (
      { cycle, source: "replay", reference: "dead letters 1 to 3" }
    )),
  );
});

Deno.test("a correction is replayed instead of the payload, which stays as it came", async () => {
  await using db = await testDatabase();
  const bad = { ...reading(), s11: "forty-seven" };
  await storeBatch(db.sql, ORIGIN, candidates([bad]));

  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 0, failed: 1, withheld: 0 });
  await db.sql`update dead_letters set correction = ${JSON.stringify({ ...bad, s11: 47 })}::text::json`;
  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 1, failed: 0, withheld: 0 });

  const [letter] = await listDeadLetters(db.sql, { ...open, all: true });
  assert.deepEqual(JSON.parse(letter.payload), bad);
  assert.equal((await db.sql`select s11 from sensor_data`)[0].s11, 47);
});

Deno.test("a dead letter whose reading has arrived meanwhile passes as a duplicate", async () => {
  await using db = await testDatabase();
  await db.sql`update intake_settings set unknown_engines = 'reject'`;
  await storeBatch(db.sql, ORIGIN, candidates(readings(1)));
  await db.sql`update intake_settings set unknown_engines = 'register'`;
  await storeBatch(db.sql, ORIGIN, candidates(readings(1)));

  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 1, failed: 0, withheld: 0 });
  assert.equal((await db.sql`select from sensor_data`).length, 1);
});

Deno.test("what the loader refused is not stored uncorrected, unless somebody asks for it by its id", async () => {
  await using db = await testDatabase();
  const refused = readings(3).map(() =>
    new Undecodable("Cannot accept s2 as it must be between 635 and 650", "s2")
  );
  const values = readings(3, { s2: 99999 });
  await storeBatch(db.sql, { source: "load", reference: "train_FD001.txt lines 1-3" }, {
    values: refused,
    payload: (index) => JSON.stringify(values[index]),
  });
  assert.deepEqual((await listDeadLetters(db.sql, open)).map(({ path }) => path), ["s2", "s2", "s2"]);

  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 0, failed: 0, withheld: 3 });
  assert.equal((await db.sql`select from sensor_data`).length, 0);

  const corrected = JSON.stringify({ ...values[0], s2: 642 });
  await db.sql`update dead_letters set correction = ${corrected}::text::json where position = 0`;
  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 1, failed: 0, withheld: 2 });
  const [{ id }] = await db.sql`select id::int from dead_letters where position = 1`;
  assert.deepEqual(await replayDeadLetters(db.sql, "test", [id]), { passed: 1, failed: 0, withheld: 0 });
  assert.deepEqual((await db.sql`select s2 from sensor_data order by cycle`).map(({ s2 }) => s2), [
    642,
    99999,
  ]);
});

Deno.test("only the named dead letters are replayed", async () => {
  await using db = await testDatabase();
  await db.sql`update intake_settings set unknown_engines = 'reject'`;
  await storeBatch(db.sql, ORIGIN, candidates(readings(3)));
  await db.sql`update intake_settings set unknown_engines = 'register'`;

  const [first, second, third] = await listDeadLetters(db.sql, open);
  assert.deepEqual(await replayDeadLetters(db.sql, "test", [second.id]), {
    passed: 1,
    failed: 0,
    withheld: 0,
  });
  assert.deepEqual((await listDeadLetters(db.sql, open)).map(({ id }) => id), [first.id, third.id]);
  assert.deepEqual((await db.sql`select cycle from sensor_data`).map(({ cycle }) => cycle), [2]);
});

Deno.test("more dead letters than one transaction takes are all replayed, once each, by two sessions at a time", async () => {
  await using db = await testDatabase();
  await db.sql`update intake_settings set unknown_engines = 'reject'`;
  await storeBatch(db.sql, ORIGIN, candidates(readings(4500)));
  await db.sql`update intake_settings set unknown_engines = 'register', accepted_from = '2000-01-01'`;
  const accepted = (await db.sql`select from dead_letters where path = 'engine_id'`).length;
  assert.ok(accepted > 1000, "the factory's later days lie in the future");

  const results = await Promise.all([replayDeadLetters(db.sql, "test"), replayDeadLetters(db.sql, "test")]);

  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  assert.equal(passed, accepted);
  assert.equal((await db.sql`select from sensor_data`).length, accepted);
  assert.equal((await db.sql`select from dead_letters where replayed_at is not null`).length, accepted);
});

Deno.test("the command lists and replays, as a table and as JSON", async () => {
  await using db = await testDatabase();
  await storeBatch(db.sql, ORIGIN, candidates([{ ...reading(), cycle: 0 }]));
  const command = async (...args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "-A",
        join(import.meta.dirname!, "..", "..", "scripts", "dead_letters.ts"),
        ...args,
        "--database",
        db.url,
      ],
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  };

  const listed = await command("list");
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(
    listed.stdout,
    /^ 1 {2}ingest +1 {2}cycle {2}Cannot accept cycle as it must be a whole number/m,
  );
  const replayed = await command("replay", "1", "--json");
  assert.equal(replayed.code, 3);
  assert.deepEqual(JSON.parse(replayed.stdout), { passed: 0, failed: 1, withheld: 0 });
  assert.equal(JSON.parse((await command("list", "--json")).stdout).dead_letters[0].replay_attempts, 1);
  for (const wrong of [["burn"], [], ["list", "1"], ["replay", "first"], ["list", "--limit", "0"]]) {
    assert.equal((await command(...wrong)).code, 2, wrong.join(" "));
  }
});

Deno.test("a replay obeys the rules of the intake as they are now", async () => {
  await using db = await testDatabase();
  await db.sql`update expectations set at_intake = 'reject' where kind = 'range' and column_name = 's11'`;
  await storeBatch(db.sql, ORIGIN, candidates([reading({ s11: 99 })]));

  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 0, failed: 1, withheld: 0 });
  const [letter] = await listDeadLetters(db.sql, open);
  assert.deepEqual([letter.path, letter.replay_error], [
    "s11",
    "Cannot accept s11 as it must be between 46 and 49.5 in condition 1: current value is 99",
  ]);
  await db.sql`update expectations set max = 100 where kind = 'range' and column_name = 's11'`;
  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 1, failed: 0, withheld: 0 });
});

/** What the kinesis function would store for records with this data. */
async function deliver(sql: TestDatabase["sql"], data: readonly unknown[]): Promise<void> {
  const delivery = readDelivery(JSON.stringify(pipesEvents(data)), new Headers());
  const records = await decodeRecords(delivery, 16 * 1024);
  await storeBatch(sql, { source: "kinesis", reference: delivery.reference }, records);
}

Deno.test("a dead letter that holds a whole record is taken apart again: what was too large for its delivery passes", async () => {
  await using db = await testDatabase();
  const large = gzip(
    readings(5).map((each) => JSON.stringify({ ...each, note: "n".repeat(3000) })).join("\n"),
  );
  const packed = aggregated(
    readings(2).map((each) => ({ partitionKey: "k", data: gzip(JSON.stringify([each])) })),
  );
  await deliver(db.sql, [base64(large)]);
  await db.sql`
    insert into dead_letters (batch_id, source, position, payload, payload_digest, path, reason)
    values (
      gen_random_uuid(), 'kinesis', 0, ${
    JSON.stringify({ base64: base64(packed) })
  }::text::json, 'd', '[0].data', 'r'
    )`;
  const [{ reason, records }] = await listDeadLetters(db.sql, open);
  assert.equal(reason, "Cannot read the record as it must be at most 8192 bytes after decompression");
  assert.deepEqual(records.map(({ sequence_number }) => sequence_number), [sequenceNumber(0)]);

  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 2, failed: 0, withheld: 0 });

  assert.equal((await db.sql`select from sensor_data`).length, 5);
  const [batch] = await db.sql`select received, accepted, duplicates from batches where source = 'replay'`;
  assert.deepEqual({ ...batch }, { received: 7, accepted: 5, duplicates: 2 });
});

Deno.test("a record that still cannot be decoded says why, and passes with a correction of one reading or of several", async () => {
  await using db = await testDatabase();
  await deliver(db.sql, ["%", base64(Uint8Array.from([0xff])), ""]);

  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 0, failed: 3, withheld: 0 });
  const letters = await listDeadLetters(db.sql, open);
  assert.deepEqual(letters.map(({ payload, replay_error }) => [payload, replay_error]), [
    ['"%"', "Cannot read the record as it must be JSON: Unexpected token '%'"],
    ['{"base64":"/w=="}', "Cannot read the record as it must be text in UTF-8"],
    ['""', "Cannot read the record as it must not be empty"],
  ]);

  const bad = { ...reading({ cycle: 4 }), s11: "hot" };
  const corrections = [reading(), readings(3), { readings: [reading({ cycle: 5 }), bad] }];
  for (const [i, correction] of corrections.entries()) {
    await db.sql`
      update dead_letters set correction = ${JSON.stringify(correction)}::text::json where id = ${
      letters[i].id
    }`;
  }
  assert.deepEqual(await replayDeadLetters(db.sql, "test"), { passed: 2, failed: 1, withheld: 0 });
  const [still] = await listDeadLetters(db.sql, open);
  assert.match(still.replay_error!, /^readings\[1\]: Cannot accept s11/);
  assert.deepEqual((await db.sql`select cycle from sensor_data order by cycle`).map(({ cycle }) => cycle), [
    1,
    2,
    3,
    5,
  ]);
});
