/**
 * Benchmark of the way of a stream: a fleet in real time -> Kinesis on this machine -> deliver -> the function ->
 * Postgres. How long is a reading on its way, from its timestamp until its row is committed?
 *
 * Hypothesis: at a thousand readings a second 95 in 100 are there within two seconds, of which the producer's and the
 * delivery's waiting for more records is the most.
 */

import { join } from "node:path";
import { deliver } from "../kinesis/deliver.ts";
import { startLocalKinesis } from "../kinesis/local.ts";
import { Fleet } from "../simulation/fleet.ts";
import { fly } from "../simulation/flight.ts";
import { KinesisTarget } from "../simulation/kinesis_target.ts";
import { scratchDatabase } from "./scratch.ts";
import { serveFunction } from "./served_function.ts";

const KEY = "key-of-the-stream-benchmark";
const STREAM = "bench";

export interface StreamBenchOptions {
  readonly engines: number;
  /** Of all engines together. */
  readonly readingsPerSecond: number;
  readonly seconds: number;
}

export interface StreamBenchResult {
  readonly options: StreamBenchOptions;
  readonly readings: number;
  /** From timestamp to commit, in ms. */
  readonly latencyMs: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
  };
}

/** Runs the benchmark: Kinesis, fleet and delivery in this process, as `start --kinesis` has them. */
export async function benchStream(
  options: StreamBenchOptions,
  progress: (line: string) => void,
): Promise<StreamBenchResult> {
  const { engines, readingsPerSecond, seconds } = options;
  // when a row was committed is only known where Postgres keeps it
  await using database = await scratchDatabase(4, { track_commit_timestamp: "on" });
  await using serving = await serveFunction("kinesis", database.url, 4, { KINESIS_ACCESS_KEYS: KEY });
  await using kinesis = await startLocalKinesis();
  await kinesis.createStream(STREAM, 2);
  const folder = await Deno.makeTempDir({ prefix: "spool-bench-" });

  const landed = new AbortController();
  const delivering = deliver({
    client: kinesis.client,
    stream: STREAM,
    sql: database.sql,
    url: serving.url,
    accessKey: KEY,
    signal: landed.signal,
    onWarning: progress,
  });
  const { client } = kinesis;
  const target = new KinesisTarget({ client, stream: STREAM, spill: join(folder, "spill") });
  const rate = readingsPerSecond / engines;
  const flight = await fly({
    fleet: new Fleet({
      engines,
      cycles: Math.ceil(seconds * rate),
      seed: 1,
      prefix: "BENCH_",
      firstMs: Date.now(),
      intervalMs: 1000 / rate,
      conditions: 1,
      faultMode: "hpc",
      faults: new Map(),
    }),
    target,
    rate,
    labels: async () => {},
    stage: { advance() {}, end() {} },
    signal: new AbortController().signal,
  });
  if (flight.failure !== null) throw new Error(`Cannot count this run as ${flight.failure}`);
  const deadline = performance.now() + 30_000;
  for (;;) {
    const [row] = await database.sql`
      select
        count(*)::int as readings,
        percentile_cont(array[0.5, 0.95, 0.99, 1]) within group (
          order by extract(epoch from pg_xact_commit_timestamp(xmin) - "timestamp") * 1000
        ) as latency
      from public.sensor_data`;
    if (row.readings === flight.sent) {
      landed.abort();
      await delivering;
      await Deno.remove(folder, { recursive: true });
      const [p50, p95, p99, max] = row.latency as number[];
      return { options, readings: row.readings, latencyMs: { p50, p95, p99, max } };
    }
    if (performance.now() > deadline) {
      throw new Error(`Cannot count this run as ${flight.sent} readings must arrive: ${row.readings} did`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
