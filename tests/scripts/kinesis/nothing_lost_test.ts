/** The whole way of a stream, while everything on it fails in turn: every reading is there once. */

import assert from "node:assert/strict";
import { deliver } from "../../../scripts/kinesis/deliver.ts";
import { startLocalKinesis } from "../../../scripts/kinesis/local.ts";
import { freePort } from "../../../scripts/local/postgres.ts";
import { Fleet } from "../../../scripts/simulation/fleet.ts";
import { KinesisTarget } from "../../../scripts/simulation/kinesis_target.ts";
import { Random } from "../../../shared/random.ts";
import { connect } from "../../../shared/database.ts";
import { faultyKinesis } from "../../support/faulty_kinesis.ts";
import { startFunction } from "../../support/function_process.ts";
import { KillablePostgres } from "../../support/killable_postgres.ts";
import { repeatingProxy } from "../../support/repeating_proxy.ts";

const STREAM = "readings";
const ACCESS_KEY = "key-of-the-delivery-stream";
const THROTTLED = "ProvisionedThroughputExceededException";
const ENGINES = 500;
const CYCLES = 200;
const READINGS = ENGINES * CYCLES;

/** A year of hours that has passed, so that nothing is refused for its time. */
function fleet(): Fleet {
  return new Fleet({
    engines: ENGINES,
    cycles: CYCLES,
    seed: 20_261_123,
    prefix: "SIM_",
    firstMs: Date.UTC(2026, 0, 1),
    intervalMs: 3_600_000,
    conditions: 1,
    faultMode: "hpc",
    faults: new Map(),
  });
}

/** What identifies a reading, and two of its values in single precision. */
function line(unit: string, cycle: number, atMs: number, s2: number, s21: number): string {
  return `${unit} ${cycle} ${atMs} ${Math.fround(s2)} ${Math.fround(s21)}`;
}

Deno.test(`${READINGS} readings over two shards are each stored once, while the function is killed, Postgres is killed, Kinesis throttles, and deliveries are repeated and out of order`, async (t) => {
  await using server = await KillablePostgres.start();
  await using kinesis = await startLocalKinesis();
  await kinesis.createStream(STREAM, 2);
  await using before = await faultyKinesis(kinesis); // what the producer and the delivery see of it
  const port = freePort();
  const start = () =>
    startFunction("kinesis", { DATABASE_URL: server.url, KINESIS_ACCESS_KEYS: ACCESS_KEY }, port);
  let kinesisFunction = await start();
  await using between = repeatingProxy(port, 1);
  const spill = await Deno.makeTempDir({ prefix: "spool-spill-" });
  const sql = connect(server.url, 4);
  const events: string[] = [];
  const stop = new AbortController();

  // (c) for the middle of the way: one request in five, and one record in five of the others
  const random = new Random(1);
  let throttling = false;
  before.fault = ({ operation }) => {
    before.requests.length = 0; // a hundred thousand records are not needed twice
    if (!throttling || (operation !== "PutRecords" && operation !== "GetRecords")) return undefined;
    if (random.uniform() < 0.2) return { error: THROTTLED };
    if (operation === "GetRecords") return undefined;
    return { refuse: () => random.uniform() < 0.2 ? THROTTLED : undefined };
  };

  // (a) and (b), when so much has been delivered
  const arrived = Promise.withResolvers<void>();
  const faults = [10_000, 25_000, 40_000, 55_000, 70_000, 85_000];
  let failing = Promise.resolve();
  const delivering = deliver({
    client: before.client,
    stream: STREAM,
    sql,
    url: `http://127.0.0.1:${between.port}/kinesis`,
    accessKey: ACCESS_KEY,
    bufferBytes: 256 * 1024, // more deliveries for the faults to hit
    signal: stop.signal,
    onProgress({ records }) {
      if (records >= READINGS) arrived.resolve();
      if (faults.length === 0 || records < faults[0]) return;
      const killPostgres = faults.length % 2 === 0;
      faults.shift();
      failing = failing.then(async () => {
        if (killPostgres) await server.killAll();
        else {
          await kinesisFunction.kill("SIGKILL");
          kinesisFunction = await start();
        }
        events.push(killPostgres ? "Postgres killed" : "function killed");
      });
    },
  });

  try {
    const target = new KinesisTarget({ client: before.client, stream: STREAM, spill: `${spill}/spill` });
    const flying = fleet();
    while (!flying.done) {
      throttling = flying.taken > 0.3 * READINGS && flying.taken < 0.7 * READINGS;
      await target.send(flying.take(2000));
    }
    await target.close();
    const { accepted: sent, retries } = target.counts();
    assert.equal(sent, READINGS);

    await Promise.race([arrived.promise, delivering]);
    stop.abort();
    const early = await delivering;
    await failing;
    // what is on the stream twice, because its acknowledgement was late
    const { caughtUp, records, retries: again } = await deliver({
      client: before.client,
      stream: STREAM,
      sql,
      url: `http://127.0.0.1:${between.port}/kinesis`,
      accessKey: ACCESS_KEY,
      once: true,
      signal: new AbortController().signal,
    });
    assert.ok(caughtUp);
    await between.repeatTheRest();

    // (d) is the proxy's
    const { atOnce, late } = between.repeated;
    const told =
      `${early.records} records delivered, and ${records} after that; ${retries} records put again, ` +
      `${early.retries + again} other retries, ${atOnce} deliveries twice at once, ${late} late; ${
        events.join(", ")
      }`;
    await t.step(told, () => assert.ok(retries > 0 && again + early.retries > 0 && atOnce > 0 && late > 0));
    assert.deepEqual(events.toSorted(), [
      ...Array(3).fill("Postgres killed"),
      ...Array(3).fill("function killed"),
    ]);

    const rows = await sql`
      select unit_number, cycle, extract(epoch from "timestamp")::float8 * 1000 as ms, s2::float8, s21::float8
      from sensor_data
      join engines on engines.id = engine_id`;
    const stored = rows.map(({ unit_number, cycle, ms, s2, s21 }) => line(unit_number, cycle, ms, s2, s21));
    const made = fleet().take(READINGS).map(({ engine_id, cycle, timestamp, s2, s21 }) =>
      line(engine_id, cycle, Date.parse(timestamp), s2!, s21!)
    );
    assert.equal(stored.length, READINGS);
    assert.deepEqual(stored.sort(), made.sort());

    const [{ accepted, rejected, letters }] = await sql`
      select
        sum(accepted)::int as accepted,
        sum(rejected)::int as rejected,
        (select count(*)::int from dead_letters) as letters
      from batches`;
    assert.deepEqual({ accepted, rejected, letters }, { accepted: READINGS, rejected: 0, letters: 0 });
  } finally {
    stop.abort();
    await delivering.catch(() => {});
    await kinesisFunction.kill("SIGTERM");
    await sql.end({ timeout: 5 });
    await Deno.remove(spill, { recursive: true });
  }
});
