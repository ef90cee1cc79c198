import assert from "node:assert/strict";
import { join } from "node:path";
import { kinesisClient } from "../../../scripts/kinesis/client.ts";
import {
  LOCAL_CREDENTIALS,
  LOCAL_REGION,
  type LocalKinesis,
  startLocalKinesis,
} from "../../../scripts/kinesis/local.ts";
import { Producer, type ProducerOptions, RecordRejected } from "../../../scripts/kinesis/producer.ts";
import { type FaultyKinesis, faultyKinesis } from "../../support/faulty_kinesis.ts";
import { Random } from "../../../shared/random.ts";
import { firsts, numbered, streamed, upTo } from "../../support/stream.ts";

/** A stream of two shards, a proxy before it, and a folder for the spill file. */
interface Bench extends AsyncDisposable {
  readonly kinesis: LocalKinesis;
  readonly proxy: FaultyKinesis;
  readonly folder: string;
  readonly spill: string;
  producer(options?: Partial<ProducerOptions>): Producer;
  /** Names of the files beside the spill file, without its lock. */
  files(): string[];
}

async function bench(): Promise<Bench> {
  const kinesis = await startLocalKinesis();
  await kinesis.createStream("readings", 2);
  const proxy = await faultyKinesis(kinesis);
  const folder = await Deno.makeTempDir({ prefix: "spool-spill-" });
  const spill = join(folder, "spill");
  return {
    kinesis,
    proxy,
    folder,
    spill,
    producer: (options) =>
      new Producer({ client: proxy.client, stream: "readings", spill, lingerMs: 5, ...options }),
    files: () =>
      [...Deno.readDirSync(folder)].map(({ name }) => name).filter((n) => n !== "spill.lock").sort(),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await kinesis.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Puts `count` records of each of `keys` keys, engine by engine in turn, without waiting for each. */
async function putAll(producer: Producer, keys: number, count: number, from = 0): Promise<void> {
  const puts = [];
  for (let n = from; n < from + count; n++) {
    for (let key = 0; key < keys; key++) puts.push(producer.put(numbered(`KEY_${key}`, n)));
  }
  await Promise.all(puts);
}

function everyKey(keys: number, numbers: readonly number[]): Map<string, number[]> {
  return new Map(upTo(keys).map((key) => [`KEY_${key}`, [...numbers]]));
}

function sorted(map: Map<string, number[]>): [string, number[]][] {
  return [...map].sort(([a], [b]) => a < b ? -1 : 1);
}

/** Asserts what is on the stream, each record once whether or not it was repeated. */
async function assertStreamed({ kinesis }: Bench, keys: number, numbers: readonly number[]): Promise<void> {
  const all = await streamed(kinesis.client, "readings");
  const once = new Map([...all].map(([key, list]) => [key, firsts(list)]));
  assert.deepEqual(sorted(once), sorted(everyKey(keys, numbers)));
}

Deno.test("records go out in full requests, each once, in the order of their key", async () => {
  await using b = await bench();
  const producer = b.producer({ lingerMs: 10_000 });
  await putAll(producer, 600, 5);
  const report = await producer.close();

  assert.deepEqual(report, {
    sent: 3000,
    recovered: 0,
    retried: 0,
    spilled: 0,
    rejected: 0,
    damaged: 0,
    requests: b.proxy.requests.length,
    buffered: 0,
    failure: null,
  });
  assert.deepEqual(
    sorted(await streamed(b.kinesis.client, "readings")),
    sorted(everyKey(600, upTo(5))),
  );
  const sizes = b.proxy.requests.map(({ body }) => body.Records.length);
  assert.equal(Math.max(...sizes), 500);
  assert.ok(sizes.filter((size) => size === 500).length >= 4, `${sizes}`); // not 3000 small ones
  assert.deepEqual(b.files(), []);
});

Deno.test("a request holds no two records of a key, and no second one is under way", async () => {
  await using b = await bench();
  const underWay = new Set<string>();
  b.proxy.fault = ({ body }) => {
    for (const { PartitionKey } of body.Records) {
      assert.ok(!underWay.has(PartitionKey), PartitionKey);
      underWay.add(PartitionKey);
    }
    return {
      refuse: ({ PartitionKey }) => {
        underWay.delete(PartitionKey);
        return undefined;
      },
    };
  };
  const producer = b.producer();
  await putAll(producer, 7, 40);
  const { sent, retried } = await producer.close();
  assert.deepEqual({ sent, retried }, { sent: 280, retried: 0 }); // a failed assertion above would cut the connection
});

Deno.test("a lonely record is sent after the linger time, without a flush", async () => {
  await using b = await bench();
  const producer = b.producer();
  await producer.put(numbered("KEY_0", 0));
  while (producer.counts.sent === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await producer.close();
  await assertStreamed(b, 1, [0]);
});

Deno.test("order and completeness survive refused records, throttled calls, cut connections and lost answers", async () => {
  for (let seed = 1; seed <= 4; seed++) {
    await using b = await bench();
    const random = new Random(seed);
    b.proxy.fault = ({ operation }) => {
      if (operation !== "PutRecords") return undefined;
      const draw = random.uniform();
      if (draw < 0.05) return { error: "ProvisionedThroughputExceededException" };
      if (draw < 0.1) return { error: "InternalFailure", status: 500 };
      if (draw < 0.15) return { cut: "before" };
      if (draw < 0.2) return { cut: "after" };
      if (draw < 0.9) {
        const share = random.uniform() * 0.5;
        const code = random.pick(["ProvisionedThroughputExceededException", "InternalFailure"]);
        return { refuse: () => random.uniform() < share ? code : undefined };
      }
      return undefined;
    };
    const producer = b.producer({ maxBufferedBytes: 2048 });
    await putAll(producer, 40, 6);
    const report = await producer.close();
    assert.deepEqual([report.sent, report.spilled, report.failure], [240, 0, null], `seed ${seed}`);
    assert.ok(report.retried > 0);
    await assertStreamed(b, 40, upTo(6));
    assert.deepEqual(b.files(), []);
  }
});

Deno.test("only what was refused is sent again, and other keys do not wait for it", async () => {
  await using b = await bench();
  let refusing = true;
  b.proxy.fault = () => ({
    refuse: ({ PartitionKey }) =>
      refusing && PartitionKey === "KEY_3" ? "ProvisionedThroughputExceededException" : undefined,
  });
  const producer = b.producer();
  await putAll(producer, 10, 20);
  while (producer.counts.sent < 180) await new Promise((resolve) => setTimeout(resolve, 5));
  const others = await streamed(b.kinesis.client, "readings");
  others.delete("KEY_3");
  const expected = everyKey(10, upTo(20));
  expected.delete("KEY_3");
  assert.deepEqual(sorted(others), sorted(expected));
  refusing = false;
  assert.equal((await producer.close()).sent, 200);
  const all = b.proxy.requests.flatMap(({ body }) => body.Records).filter((r) => r.PartitionKey !== "KEY_3");
  assert.equal(all.length, 180);
  await assertStreamed(b, 10, upTo(20));
});

Deno.test("put waits while the buffer is full", async () => {
  await using b = await bench();
  b.proxy.fault = () => ({ error: "ThrottlingException" });
  const producer = b.producer({ maxBufferedBytes: 1000 });
  let taken = 0;
  const puts = upTo(20).map(async (n) => {
    await producer.put(numbered("KEY_0", n, 92)); // 105 bytes each with the key, a byte more from the tenth on
    taken++;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(taken, 9);
  b.proxy.fault = () => undefined;
  await Promise.all(puts);
  await producer.close();
  await assertStreamed(b, 1, upTo(20));
});

Deno.test("flush resolves when all that was put before is on the stream, however much is put meanwhile", async () => {
  await using b = await bench();
  const producer = b.producer({ lingerMs: 60_000 });
  await putAll(producer, 3, 2);
  let stop = false;
  const more = (async () => {
    for (let n = 0; !stop; n++) {
      await producer.put(numbered("KEY_9", n));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  await producer.flush();
  const numbers = await streamed(b.kinesis.client, "readings");
  stop = true;
  await more;
  for (let key = 0; key < 3; key++) assert.deepEqual(numbers.get(`KEY_${key}`), [0, 1]);
  await producer.close();
});

Deno.test("what cannot be sent is left in the spill file, and the next run sends it first", async () => {
  await using b = await bench();
  b.proxy.fault = () => ({
    refuse: ({ PartitionKey }) => PartitionKey === "KEY_1" ? "InternalFailure" : undefined,
  });
  const first = b.producer({ retryBudgetMs: 100 });
  await putAll(first, 3, 4);
  while (first.counts.spilled < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  b.proxy.fault = () => undefined;
  await putAll(first, 3, 2, 4); // KEY_1 would be taken now, but not before its earlier ones
  const report = await first.close();
  assert.deepEqual([report.sent, report.spilled], [12, 6]);
  assert.deepEqual(b.files(), ["spill"]);
  assert.deepEqual((await streamed(b.kinesis.client, "readings")).get("KEY_1"), undefined);

  const warnings: string[] = [];
  const second = b.producer({ onWarning: (message) => warnings.push(message) });
  await putAll(second, 3, 2, 6);
  const { sent, recovered, spilled } = await second.close();
  assert.deepEqual({ sent, recovered, spilled }, { sent: 12, recovered: 6, spilled: 0 });
  assert.deepEqual(warnings, ["6 records of an earlier run are sent first"]);
  assert.deepEqual(
    sorted(await streamed(b.kinesis.client, "readings")),
    sorted(everyKey(3, upTo(8))),
  );
  assert.deepEqual(b.files(), []);
});

Deno.test("closing during an outage leaves everything in the spill file, what waits for room included", async () => {
  await using b = await bench();
  b.proxy.fault = () => ({ cut: "before" });
  const first = b.producer({ closeWithinMs: 50, maxBufferedBytes: 500 });
  const puts = putAll(first, 5, 10);
  const report = await first.close();
  await puts;
  assert.deepEqual([report.sent, report.spilled, report.failure], [0, 50, null]);

  // another one that has no luck either: nothing more and nothing less is left, in the same order
  const second = b.producer({ closeWithinMs: 50 });
  assert.deepEqual([(await second.close()).spilled, b.files()], [50, ["spill"]]);

  b.proxy.fault = () => undefined;
  const third = b.producer({ maxBufferedBytes: 200 });
  assert.deepEqual([(await third.close()).recovered, b.files()], [50, []]);
  assert.deepEqual(sorted(await streamed(b.kinesis.client, "readings")), sorted(everyKey(5, upTo(10))));
});

Deno.test("what waits for room is left behind the records of its key that are on their way when the producer gives up", async () => {
  await using b = await bench();
  b.proxy.fault = () => ({ cut: "before", delayMs: 200 });
  const first = b.producer({ closeWithinMs: 20, maxBufferedBytes: 200 });
  const puts = putAll(first, 5, 10);
  assert.equal((await first.close()).spilled, 50);
  await puts;

  b.proxy.fault = () => undefined;
  assert.equal((await b.producer().close()).recovered, 50);
  // not sorted: the order of each key is what counts
  const found = await streamed(b.kinesis.client, "readings");
  for (const key of found.keys()) assert.deepEqual(found.get(key), upTo(10), key);
  assert.equal(found.size, 5);
});

Deno.test("a failure that needs a person stops the producer, says so, and loses nothing", async () => {
  for (const error of ["ExpiredTokenException", "AccessDeniedException", "ResourceNotFoundException"]) {
    await using b = await bench();
    b.proxy.fault = () => ({ error });
    const first = b.producer();
    await putAll(first, 4, 3);
    await assert.rejects(first.flush(), new RegExp(`Cannot go on sending to readings: ${error}`));
    await assert.rejects(first.put(numbered("KEY_0", 3)), new RegExp(error));
    const report = await first.close();
    assert.deepEqual([report.sent, report.spilled], [0, 12]);
    assert.match(report.failure!, new RegExp(error));
    assert.equal(b.proxy.requests.length, 1);

    b.proxy.fault = () => undefined;
    const second = b.producer();
    await second.put(numbered("KEY_0", 3)); // which its caller still had
    assert.equal((await second.close()).sent, 13);
    assert.deepEqual((await streamed(b.kinesis.client, "readings")).get("KEY_0"), upTo(4));
  }
});

Deno.test("a record that Kinesis can never take is kept with the reason, and its caller is told", async () => {
  await using b = await bench();
  const producer = b.producer();
  const mebibyte = 1024 * 1024;
  await assert.rejects(producer.put({ partitionKey: "K", data: new Uint8Array(mebibyte) }), (error) => {
    assert.ok(error instanceof RecordRejected);
    assert.equal(
      error.message,
      "Cannot send a record as it must be at most 1048576 bytes with its key: current value is 1048577",
    );
    return true;
  });
  await assert.rejects(
    producer.put({ partitionKey: "K".repeat(257), data: Uint8Array.of(1) }),
    /must have 1 to 256/,
  );
  await producer.put({ partitionKey: "K", data: new Uint8Array(mebibyte - 1).fill(97) });
  const { sent, rejected } = await producer.close();
  assert.deepEqual({ sent, rejected }, { sent: 1, rejected: 2 });

  assert.deepEqual(b.files(), ["spill.rejected"]);
  const kept = (await Deno.readTextFile(join(b.folder, "spill.rejected"))).trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.equal(kept[0].partition_key, "K");
  assert.equal(Uint8Array.fromBase64(kept[0].data).length, mebibyte);
  assert.match(kept[0].reason, /1048577/);
  assert.equal(kept[1].partition_key.length, 257);
});

Deno.test("a request has at most 10 MiB", async () => {
  await using b = await bench();
  const sizes: number[] = [];
  b.proxy.fault = ({ body }) => {
    const bytes = body.Records.map((r: { PartitionKey: string; Data: string }) =>
      r.PartitionKey.length + Uint8Array.fromBase64(r.Data).length
    );
    sizes.push(bytes.reduce((sum: number, size: number) => sum + size, 0));
    return { refuse: () => sizes.length > 2 ? undefined : "InternalFailure" }; // the local one takes no such requests
  };
  const producer = b.producer({ maxBufferedBytes: 32 * 1024 * 1024, closeWithinMs: 0, lingerMs: 60_000 });
  await Promise.all(
    upTo(24).map((n) => producer.put({ partitionKey: `K_${10 + n}`, data: new Uint8Array(999_990) })),
  );
  await producer.close();
  assert.equal(Math.max(...sizes.slice(0, 2)), 10 * (999_990 + 4));
});

Deno.test("a second producer with the same spill file is refused until the first one has ended", async () => {
  await using b = await bench();
  const first = b.producer();
  assert.throws(() => b.producer(), /must belong to one process: another one is sending with it/);
  await first.close();
  await b.producer().close();
});

Deno.test("a half-written line is put aside, and all others are sent", async () => {
  await using b = await bench();
  const whole = (n: number) =>
    JSON.stringify({ partition_key: "KEY_0", data: numbered("KEY_0", n).data.toBase64() });
  const half = whole(2).slice(0, 40);
  await Deno.writeTextFile(b.spill, `${whole(0)}\nrubbish\n${whole(1)}\n${half}`);
  await Deno.writeTextFile(`${b.spill}.000002`, `${whole(2)}\n${whole(3)}`); // whole but for its end: it counts

  const warnings: string[] = [];
  const producer = b.producer({ onWarning: (message) => warnings.push(message) });
  const { sent, damaged } = await producer.close();
  assert.deepEqual({ sent, damaged }, { sent: 4, damaged: 2 });
  assert.match(warnings[0], /2 lines of the spill file cannot be read, and are kept in its \.damaged/);
  await assertStreamed(b, 1, upTo(4));
  assert.deepEqual(b.files(), ["spill.damaged"]);
  assert.equal(await Deno.readTextFile(join(b.folder, "spill.damaged")), `rubbish\n${half}\n`);
});

Deno.test("after kill -9 the next run sends everything that put had resolved for", async () => {
  await using b = await bench();
  const random = new Random(9);
  // half of the records are refused at each try, so that much is under way whenever the kill comes
  b.proxy.fault = () => ({
    refuse: () => random.uniform() < 0.5 ? "ProvisionedThroughputExceededException" : undefined,
  });
  const keys = 20;
  let resolved = 0;
  for (const lines of [3000, 500, 4000]) {
    // each process begins its numbers anew: what an earlier one has put is repeated, and not new
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "-A",
        join(import.meta.dirname!, "..", "..", "support", "producer_process.ts"),
        b.proxy.endpoint,
        "readings",
        b.spill,
        String(keys),
      ],
      stdout: "piped",
    }).spawn();
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      text += decoder.decode(chunk, { stream: true });
      if (text.split("\n").length > lines) {
        child.kill("SIGKILL");
        // what was printed before the end counts, too
      }
    }
    await child.status;
    resolved = Math.max(resolved, Number(text.split("\n").at(-2)));
  }
  b.proxy.fault = () => undefined;
  assert.ok(b.files().length > 0);
  const last = b.producer();
  const { recovered, damaged } = await last.close();
  assert.ok(recovered > 0);
  assert.ok(damaged <= 3);
  const numbers = await streamed(b.kinesis.client, "readings");
  for (let key = 0; key < keys; key++) {
    const least = Math.floor((resolved - 1 - key) / keys) + 1;
    const once = firsts(numbers.get(`KEY_${key}`)!);
    assert.ok(once.length >= least, `KEY_${key}: ${once.length} of ${least}`);
    assert.deepEqual(once, upTo(once.length));
  }
  assert.deepEqual(b.files().filter((name) => name !== "spill.damaged"), []);
});

Deno.test("with nobody at the other end it tries on, and leaves everything to the next run in the end", async () => {
  await using b = await bench();
  const nobody = await startLocalKinesis();
  await nobody.stop();
  const warnings: string[] = [];
  const producer = b.producer({
    client: kinesisClient({
      endpoint: nobody.endpoint,
      region: LOCAL_REGION,
      credentials: LOCAL_CREDENTIALS,
    }),
    closeWithinMs: 100,
    onWarning: (message) => warnings.push(message),
  });
  await putAll(producer, 3, 3);
  while (producer.counts.retried < 6) await new Promise((resolve) => setTimeout(resolve, 5));
  const { spilled, failure } = await producer.close();
  assert.deepEqual({ spilled, failure }, { spilled: 9, failure: null });
  assert.match(warnings[0], /^Cannot send to readings, and will try again: fetch failed: .*refused/);
  assert.equal((await b.producer().close()).recovered, 9);
});
