import {
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from "@aws-sdk/client-kinesis";
import assert from "node:assert/strict";
import { join } from "node:path";
import { deliver, type DeliverOptions, type DeliverReport } from "../../../scripts/kinesis/deliver.ts";
import {
  LOCAL_CREDENTIALS,
  LOCAL_REGION,
  type LocalKinesis,
  startLocalKinesis,
} from "../../../scripts/kinesis/local.ts";
import { connect } from "../../../shared/database.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { type FaultyKinesis, faultyKinesis } from "../../support/faulty_kinesis.ts";
import {
  ACCESS_KEY,
  type FirehoseReceiver,
  firehoseReceiver,
  type Reaction,
  type ReceivedRequest,
} from "../../support/firehose_receiver.ts";
import { flakyProxy } from "../../support/flaky_proxy.ts";
import { firsts, numbered, upTo } from "../../support/stream.ts";

const STREAM = "readings";

/** A stream, a receiver and a database. */
interface Bench extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly kinesis: LocalKinesis;
  readonly proxy: FaultyKinesis;
  readonly receiver: FirehoseReceiver;
  readonly warnings: string[];
  /** Puts numbered records, those of each key in their order. */
  put(keys: number, count: number, from?: number): Promise<void>;
  deliver(options?: Partial<DeliverOptions>): Promise<DeliverReport>;
  /** The numbers of each key's records as the receiver took them. */
  taken(): Map<string, number[]>;
  /** What the table says of each shard. */
  checkpoints(): Promise<Record<string, unknown>[]>;
}

async function bench(shards = 2): Promise<Bench> {
  const db = await testDatabase();
  const kinesis = await startLocalKinesis();
  await kinesis.createStream(STREAM, shards);
  const proxy = await faultyKinesis(kinesis);
  const receiver = await firehoseReceiver();
  const warnings: string[] = [];
  return {
    db,
    kinesis,
    proxy,
    receiver,
    warnings,
    async put(keys, count, from = 0) {
      for (let n = from; n < from + count; n++) {
        const records = upTo(keys).map((key) => numbered(`KEY_${key}`, n));
        await kinesis.client.send(
          new PutRecordsCommand({
            StreamName: STREAM,
            Records: records.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data })),
          }),
        );
      }
    },
    deliver: (options) =>
      deliver({
        client: proxy.client,
        stream: STREAM,
        sql: db.sql,
        url: receiver.url,
        accessKey: ACCESS_KEY,
        once: true,
        bufferMs: 50,
        signal: new AbortController().signal,
        onWarning: (message) => warnings.push(message),
        ...options,
      }),
    taken() {
      const numbers = new Map<string, number[]>();
      for (const { records } of receiver.accepted) {
        for (const data of records) {
          const [key, n] = new TextDecoder().decode(data).split(" ");
          const known = numbers.get(key);
          if (known === undefined) numbers.set(key, [Number(n)]);
          else known.push(Number(n));
        }
      }
      return numbers;
    },
    async checkpoints() {
      const rows = await db.sql`
        select shard_id, state, delivered_records::integer as records, deliveries::integer, parents
        from stream_checkpoints order by stream_created_at, shard_id`;
      return rows.map((row) => ({ ...row, shard_id: Number(row.shard_id.slice(-12)) }));
    },
    async [Symbol.asyncDispose]() {
      await receiver[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await kinesis.stop();
      await db[Symbol.asyncDispose]();
    },
  };
}

/** Asserts that the receiver has seen each record, in its key's order; once each unless told otherwise. */
function assertTaken({ taken, receiver }: Bench, keys: number, count: number, repeated = false): void {
  const numbers = taken();
  assert.deepEqual([...numbers.keys()].sort(), upTo(keys).map((key) => `KEY_${key}`).sort());
  for (const [key, list] of numbers) {
    assert.deepEqual(repeated ? firsts(list) : list, upTo(count), key);
  }
  assert.deepEqual(receiver.violations, []);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

Deno.test("every record of every shard is delivered once, in its order, exactly as Firehose delivers", async () => {
  await using b = await bench();
  await b.put(30, 8);
  const { caughtUp, records, gaps } = await b.deliver();
  assert.deepEqual({ caughtUp, records, gaps }, { caughtUp: true, records: 240, gaps: [] });
  assertTaken(b, 30, 8);
  const { "x-amz-firehose-source-arn": arn, "content-encoding": encoding } = b.receiver.requests[0].headers;
  assert.equal(arn, "arn:aws:firehose:us-east-1:000000000000:deliverystream/readings");
  assert.equal(encoding, undefined);
  const [first, second] = await b.checkpoints();
  assert.deepEqual([first.shard_id, second.shard_id, first.state], [0, 1, "open"]);
  assert.equal(Number(first.records) + Number(second.records), 240);

  // again: nothing is new; and then compressed
  assert.equal((await b.deliver()).records, 0);
  await b.put(30, 2, 8);
  assert.equal((await b.deliver({ gzip: true })).records, 60);
  assert.equal(b.receiver.requests.at(-1)!.headers["content-encoding"], "gzip");
  assertTaken(b, 30, 10);
});

Deno.test("a delivery has at most 10,000 records, and at most its bytes unless one record alone has more", async () => {
  await using b = await bench(1);
  const put = (records: { PartitionKey: string; Data: Uint8Array }[]) =>
    b.kinesis.client.send(new PutRecordsCommand({ StreamName: STREAM, Records: records }));
  for (let n = 0; n < 25; n++) {
    await put(upTo(500).map((i) => ({ PartitionKey: "K", Data: Uint8Array.of(n, i % 256) })));
  }
  await put([{ PartitionKey: "K", Data: new Uint8Array(0) }]); // an empty record is a record
  await b.deliver({ bufferMs: 5000 });
  assert.deepEqual(b.receiver.accepted.map(({ records }) => records.length), [10_000, 2501]);

  b.receiver.accepted.length = 0;
  for (const size of [300, 300, 500, 2000, 100]) {
    await put([{ PartitionKey: "K", Data: new Uint8Array(size) }]);
  }
  await b.deliver({ bufferBytes: 1000, bufferMs: 5000 });
  const sizes = b.receiver.accepted.map(({ records }) => records.map(({ length }) => length));
  assert.deepEqual(sizes, [[300, 300], [500], [2000], [100]]);
  assert.deepEqual(b.receiver.violations, []);
});

Deno.test("a delivery is tried again with the same bytes until it is acknowledged as the specification says", async () => {
  const answer = (status: number, headers: Record<string, string> = {}) => ({
    status,
    headers,
    body: (requestId: string) => JSON.stringify({ requestId, timestamp: 1, errorMessage: "not now" }),
  });
  const refusals: [Reaction, RegExp][] = [
    [answer(500), /answered 500: not now$/],
    [answer(201), /answered 201: not now$/],
    [answer(413), /answered 413: not now$/],
    [answer(302, { location: "/elsewhere" }), /answered 302: not now$/],
    [{ status: 503, body: () => "<html>" }, /answered 503$/],
    [{ status: 200, body: () => JSON.stringify({ requestId: "other", timestamp: 1 }) }, /requestId must be /],
    [
      { status: 200, body: (id) => JSON.stringify({ requestId: id, timestamp: "1" }) },
      /timestamp that is an integer/,
    ],
    [{ status: 200, body: () => "" }, /its body must be JSON$/],
    [answer(200, { "content-type": "text/plain" }), /Content-Type must be application\/json/],
    [{ status: 200, body: () => `"${"x".repeat(1024 * 1024)}"` }, /answered more than 1048576 bytes/],
    ["cut", /could not be reached/],
    ["accept and cut", /could not be reached/],
  ];
  // beside each other, as each waits a second
  await Promise.all(refusals.map(async ([reaction, expected]) => {
    await using b = await bench(1);
    await b.put(1, 3);
    b.receiver.react = ({ requestId }) =>
      b.receiver.requests.filter((request) => request.requestId === requestId).length === 1
        ? reaction
        : "accept";
    const { records, retries } = await b.deliver({ giveUpAfterMs: 10_000 });
    assert.deepEqual({ records, retries }, { records: 3, retries: 1 });
    assert.equal(b.receiver.requests.length, 2);
    const [first, second] = b.receiver.requests;
    assert.equal(first.bytes, second.bytes);
    assert.equal(first.headers["x-amz-firehose-request-id"], second.headers["x-amz-firehose-request-id"]);
    assert.match(b.warnings[0], /^Cannot deliver 3 records of shardId-000000000000, and will try again: /);
    assert.match(b.warnings[0], expected);
    assert.deepEqual(b.receiver.violations, []);
  }));
});

Deno.test("splits and merges in mid-stream: parents are delivered to their end before their children", async () => {
  await using b = await bench(2);
  const stop = new AbortController();
  const running = b.deliver({ once: false, signal: stop.signal });
  const shards = async () =>
    (await b.kinesis.client.send(new ListShardsCommand({ StreamName: STREAM }))).Shards!;
  const settled = (count: number) =>
    until(async () => (await shards()).filter((s) => s.SequenceNumberRange).length === count);
  await b.put(40, 5);

  const [first] = await shards();
  const middle = (BigInt(first.HashKeyRange!.EndingHashKey!) / 2n).toString();
  await b.kinesis.client.send(
    new SplitShardCommand({
      StreamName: STREAM,
      ShardToSplit: first.ShardId,
      NewStartingHashKey: middle,
    }),
  );
  await b.put(40, 5, 5); // some still on the parent, some on its children
  await settled(4);
  await b.put(40, 5, 10);
  await b.kinesis.client.send(
    new MergeShardsCommand({
      StreamName: STREAM,
      ShardToMerge: "shardId-000000000003",
      AdjacentShardToMerge: "shardId-000000000001",
    }),
  );
  await b.put(40, 5, 15);
  await settled(5);
  await b.put(40, 5, 20);
  await until(() => [...b.taken().values()].flat().length === 40 * 25);
  stop.abort();
  assert.equal((await running).records, 40 * 25);
  assertTaken(b, 40, 25);
  assert.deepEqual(
    (await b.checkpoints()).map(({ shard_id, state, parents }) => [shard_id, state, parents]),
    [
      [0, "ended", []],
      [1, "ended", []],
      [2, "open", ["shardId-000000000000"]],
      [3, "ended", ["shardId-000000000000"]],
      [4, "open", ["shardId-000000000003", "shardId-000000000001"]],
    ],
  );

  // what comes later is read without the shards that have ended
  b.proxy.requests.length = 0;
  await b.put(40, 1, 25);
  await b.deliver();
  assertTaken(b, 40, 26);
  const opened = b.proxy.requests.filter(({ operation }) => operation === "GetShardIterator");
  assert.deepEqual(opened.map(({ body }) => Number(body.ShardId.slice(-12))).sort(), [2, 4]);
});

Deno.test("a stream that was resharded before anybody read it is read in the order of its shards", async () => {
  await using b = await bench(1);
  await b.put(10, 3);
  await b.kinesis.client.send(
    new SplitShardCommand({
      StreamName: STREAM,
      ShardToSplit: "shardId-000000000000",
      NewStartingHashKey: (2n ** 127n).toString(),
    }),
  );
  await until(async () =>
    (await b.kinesis.client.send(new ListShardsCommand({ StreamName: STREAM }))).Shards!.length === 3
  );
  await b.put(10, 3, 3);
  assert.deepEqual([(await b.deliver()).records, (await b.checkpoints())[0].state], [60, "ended"]);
  assertTaken(b, 10, 6);
});

Deno.test("reading goes on after throttling, faults, cut connections and iterators that have expired", async () => {
  await using b = await bench(1);
  await b.put(5, 4);
  const faults = [
    { error: "ProvisionedThroughputExceededException" },
    { error: "InternalFailure", status: 500 },
    { cut: "before" },
    { error: "ExpiredIteratorException" },
  ] as const;
  const left: Record<string, unknown[]> = {
    GetRecords: [...faults],
    GetShardIterator: faults.slice(0, 3),
    ListShards: faults.slice(0, 3),
  };
  b.proxy.fault = ({ operation }) => left[operation]?.shift() as (typeof faults)[number];
  const { records, retries } = await b.deliver();
  assert.equal(records, 20);
  // ten, but fetch itself repeats a request when a connection that it had kept is closed
  assert.ok(retries >= 7 && retries <= 10, `${retries}`);
  assertTaken(b, 5, 4);

  // an iterator that expires in the middle is replaced by one after the last record that was read
  const stop = new AbortController();
  const running = b.deliver({ once: false, signal: stop.signal });
  await b.put(5, 1, 4);
  await until(() => b.taken().get("KEY_0")!.length === 5);
  left.GetRecords.push({ error: "ExpiredIteratorException" });
  await until(() => left.GetRecords.length === 0);
  await b.put(5, 1, 5);
  await until(() => b.taken().get("KEY_0")!.length === 6);
  stop.abort();
  await running;
  assertTaken(b, 5, 6);
});

Deno.test("latest begins with what comes from now on, also when the next start comes before the first record", async () => {
  await using b = await bench(1);
  await b.put(2, 3);
  // kinesalite knows whole seconds only: what comes now must be told from what came before
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.equal((await b.deliver({ from: "latest" })).records, 0);
  await b.put(2, 3, 3);
  assert.equal((await b.deliver({ from: "latest" })).records, 6);
  assert.deepEqual([...b.taken().values()], [[3, 4, 5], [3, 4, 5]]);
});

Deno.test("a time begins with what arrived since", async () => {
  await using b = await bench(1);
  await b.put(2, 2);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const from = new Date();
  await b.put(2, 2, 2);
  assert.equal((await b.deliver({ from })).records, 4);
  assert.deepEqual(b.taken().get("KEY_0"), [2, 3]);
});

Deno.test("asked to end, it finishes the delivery that is under way and notes it", async () => {
  await using b = await bench(1);
  await b.put(4, 2);
  const stop = new AbortController();
  b.receiver.react = async (): Promise<Reaction> => {
    stop.abort();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return "accept";
  };
  const { records, caughtUp } = await b.deliver({ once: false, signal: stop.signal });
  assert.deepEqual({ records, caughtUp }, { records: 8, caughtUp: false });
  assert.equal((await b.deliver()).records, 0);
});

Deno.test("asked to end while the receiver says nothing, it ends within seconds and notes nothing", async () => {
  await using b = await bench(1);
  await b.put(4, 2);
  const stop = new AbortController();
  b.receiver.react = () => {
    stop.abort();
    return "hang";
  };
  const { records, caughtUp } = await b.deliver({ once: false, signal: stop.signal });
  assert.deepEqual({ records, caughtUp }, { records: 0, caughtUp: false });
  assert.equal((await b.checkpoints())[0].deliveries, 0);
});

Deno.test("a delivery that was not acknowledged is not noted, and comes again under the next start", async () => {
  await using b = await bench(1);
  await b.put(4, 2);
  b.receiver.react = () => "accept and cut";
  await assert.rejects(
    b.deliver({ giveUpAfterMs: 0 }),
    /Cannot deliver 8 records of shardId-000000000000, which has failed 1 times, and was to be given up/,
  );
  assert.deepEqual((await b.checkpoints())[0].deliveries, 0);
  b.receiver.react = () => "accept";
  await b.deliver();
  assertTaken(b, 4, 2, true);
});

Deno.test("one process reads a stream: a second one is refused, and a killed one is followed within seconds", async () => {
  await using b = await bench(1);
  const stop = new AbortController();
  const running = b.deliver({ once: false, signal: stop.signal });
  await b.put(1, 1);
  await until(() => b.receiver.accepted.length === 1);
  await assert.rejects(
    b.deliver(),
    new RegExp(`as one process must read it at a time: .*process ${Deno.pid} does`),
  );
  stop.abort();
  await running;
  await b.deliver();

  // who is asked to end while waiting for the lease just ends
  await b.db.sql`
    update stream_readers set owner = gen_random_uuid(), held_by = 'dead', leased_until = now() + interval '1 day'`;
  const { records, caughtUp } = await b.deliver({ signal: AbortSignal.timeout(100) });
  assert.deepEqual({ records, caughtUp }, { records: 0, caughtUp: false });

  // as kill -9 leaves it: the lease has some seconds left, and nobody moves it on
  await b.db.sql`
    update stream_readers set owner = gen_random_uuid(), held_by = 'dead', leased_until = now() + interval '1 second'`;
  await b.deliver();
});

Deno.test("who has lost the stream to another process ends, and does not move its checkpoints", async () => {
  await using b = await bench(1);
  await b.put(1, 2);
  b.receiver.react = async (): Promise<Reaction> => {
    await b.db.sql`update stream_readers set owner = gen_random_uuid(), held_by = 'other'`;
    return "accept";
  };
  await assert.rejects(b.deliver({ once: false }), /another one has taken over/);
  assert.equal((await b.checkpoints())[0].deliveries, 0);
});

Deno.test("while Postgres is away nothing is noted, and nothing is delivered twice when it comes back", async () => {
  await using b = await bench(1);
  const database = new URL(b.db.url);
  await using way = await flakyProxy(Number(database.port));
  database.port = String(way.port);
  const sql = connect(database.href, 3);
  const stop = new AbortController();
  const running = b.deliver({ sql, once: false, signal: stop.signal });
  await b.put(3, 2);
  await until(() => b.receiver.accepted.length > 0);
  let cutting = true;
  b.receiver.react = () => {
    way.reset();
    return "accept";
  };
  const cut = (async () => {
    while (cutting) {
      way.reset();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  await b.put(3, 2, 2);
  await until(() => b.warnings.some((warning) => warning.startsWith("Cannot write checkpoints")));
  cutting = false;
  await cut;
  b.receiver.react = () => "accept";
  await b.put(3, 2, 4);
  await until(() => [...b.taken().values()].flat().length >= 18);
  stop.abort();
  assert.equal((await running).records, 18);
  await sql.end({ timeout: 1 }); // which may still be trying to connect
  assertTaken(b, 3, 6);
  assert.equal((await b.deliver()).records, 0);
});

Deno.test("what the stream did not keep until it was read is said aloud, and written down", async () => {
  await using b = await bench(2);
  await b.put(20, 2);
  await b.deliver();
  await b.db
    .sql`update stream_checkpoints set complete_until = now() - interval '25 hours' where shard_id like '%0'`;
  await b.put(20, 1, 2);
  const { gaps, records } = await b.deliver();
  assert.equal(records, 20); // and what is there is delivered
  assert.equal(gaps.length, 1);
  const hours = (gaps[0].until.getTime() - gaps[0].from.getTime()) / 3_600_000;
  assert.ok(Math.abs(hours - 1) < 0.01, `${hours}`);
  assert.match(
    b.warnings.at(-1)!,
    /^Records of shardId-000000000000 that arrived from .* to .* may be lost: they were not read while the stream kept them \(24 h\)$/,
  );
  const [row] = await b.db.sql`
    select shard_id, extract(epoch from lost_until - lost_from)::float8 / 3600 as hours
    from stream_checkpoints where lost_from is not null`;
  assert.equal(row.shard_id, "shardId-000000000000");
  assert.ok(Math.abs(row.hours - 1) < 0.01);
  assert.deepEqual((await b.deliver()).gaps, []); // once
});

Deno.test("a stream on which nothing has come for days has lost nothing, if somebody looked", async () => {
  await using b = await bench(1);
  await b.put(1, 1);
  await b.deliver();
  await b.db.sql`update stream_checkpoints set complete_until = now() - interval '20 hours'`;
  await b.deliver();
  const [{ hours }] = await b.db.sql`
    select extract(epoch from now() - complete_until)::float8 / 3600 as hours from stream_checkpoints`;
  assert.ok(hours < 0.1, `${hours}`);
});

Deno.test("a shard that the stream has forgotten counts as expired, and its children are read", async () => {
  await using b = await bench(1);
  await b.put(2, 1);
  await b.deliver();
  await b.db.sql`
    insert into stream_checkpoints (stream, stream_created_at, shard_id, begin_at, updated_at)
    select stream, stream_created_at, 'shardId-000000000077', 'trim_horizon', now() - interval '30 hours'
    from stream_checkpoints`;
  await b.db.sql`update stream_checkpoints set parents = '{shardId-000000000077}' where shard_id like '%0'`;
  await b.put(2, 1, 1);
  const { gaps, records } = await b.deliver();
  assert.equal(records, 2);
  assert.equal(gaps[0].shardId, "shardId-000000000077");
  assert.equal((await b.checkpoints())[1].state, "expired");
});

Deno.test("a stream that was made anew under its name is read from its start", async () => {
  await using b = await bench(1);
  await b.put(2, 3);
  await b.deliver();
  await new Promise((resolve) => setTimeout(resolve, 1100)); // kinesalite knows when a stream was made to the second
  await using anew = await bench(1);
  await anew.put(2, 5);
  assert.equal((await b.deliver({ client: anew.kinesis.client })).records, 10);
  assert.match(b.warnings.at(-1)!, /The stream readings was made anew/);
});

Deno.test("a stream that does not exist, and missing rights, end it at once", async () => {
  await using b = await bench(1);
  await assert.rejects(b.deliver({ stream: "nowhere" }), { name: "ResourceNotFoundException" });
  b.proxy.fault = () => ({ error: "ServiceUnavailable", status: 503 });
  await assert.rejects(b.deliver(), /Cannot read readings as Kinesis must be reachable: ServiceUnavailable/);
  b.proxy.fault = ({ operation }) =>
    operation === "GetRecords" ? { error: "AccessDeniedException" } : undefined;
  await assert.rejects(b.deliver(), { name: "AccessDeniedException" });
  b.proxy.fault = () => undefined;
  await b.deliver(); // the lease was given back
});

/** `deno task deliver` as a process. */
function command(b: Bench, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      join(import.meta.dirname!, "..", "..", "..", "scripts", "deliver.ts"),
      "--stream",
      STREAM,
      "--url",
      b.receiver.url,
      "--database",
      b.db.url,
      ...args,
    ],
    env: {
      AWS_ENDPOINT_URL_KINESIS: b.proxy.endpoint,
      AWS_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
      KINESIS_ACCESS_KEYS: `${ACCESS_KEY},${"previous".repeat(3)}`,
    },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("after kill -9 the next start goes on where the receiver had acknowledged", async () => {
  await using b = await bench();
  await b.put(20, 6);
  const taken: ReceivedRequest[] = [];
  const small = ["--buffer-bytes", "100", "--buffer-seconds", "0.01"];
  b.receiver.react = (request) => {
    taken.push(request);
    if (taken.length === 5) {
      child.kill("SIGKILL");
      return "accept and cut";
    }
    return "accept";
  };
  const child = command(b, small);
  assert.equal((await child.output()).signal, "SIGKILL");
  const before = [...b.taken().values()].flat().length;
  assert.ok(before < 120);

  b.receiver.react = () => "accept";
  const { code, stdout } = await command(b, [...small, "--once", "--json"]).output();
  assert.equal(code, 0);
  const report = JSON.parse(new TextDecoder().decode(stdout));
  assert.ok(report.caughtUp);
  assert.ok(report.records < 120, `${report.records}`); // not everything again
  assertTaken(b, 20, 6, true);
});

Deno.test("the command ends with 0 on Ctrl-C, says what it did, and refuses what it cannot read", async () => {
  await using b = await bench(1);
  await b.put(3, 2);
  const child = command(b, []);
  await until(() => b.receiver.accepted.length > 0);
  child.kill("SIGINT");
  const { code, stdout, stderr } = await child.output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.match(
    new TextDecoder().decode(stdout),
    /^6 records in 1 deliveries, 0 retries; the next start goes on from here\n$/,
  );
  assert.match(new TextDecoder().decode(stderr), /deliver readings: 6 records in .* 1 shards, .* behind/);

  const refused: [string[], RegExp][] = [
    [["--from", "tomorrow"], /Cannot read --from as it must be latest, trim-horizon or a time in the past/],
    [["--url", "http://example.com/kinesis"], /must be an https address/],
    [["--buffer-seconds", "-1"], /.*buffer-seconds/],
  ];
  await Promise.all(refused.map(async ([args, expected]) => {
    const { code, stderr } = await command(b, args).output();
    assert.equal(code, 2);
    assert.match(new TextDecoder().decode(stderr), expected);
  }));
});
