/**
 * Benchmark of POST /kinesis: what Firehose posts, by concurrent clients over HTTP into the real table, beside COPY.
 *
 * Hypothesis: taking readings out of an envelope, one base64 record each, and keeping receipts leaves two fifths of the
 * speed of COPY, at no more than 150 ms of the function's CPU time per MiB, in the memory of a hosted function.
 *
 * Both write the same rows into the same table with the same keys, on the same server, in turn.
 */

import { Buffer } from "node:buffer";
import type { Reading } from "../../shared/reading.ts";
import { copyIn, copyOut } from "./copy.ts";
import { milliseconds, processUsage, ratios, type Spread, spread } from "./measure.ts";
import { sampleReadings } from "./sample_readings.ts";
import { emptyReadings, scratchDatabase } from "./scratch.ts";
import { sendAll, serveFunction } from "./served_function.ts";

const KEY = "key-of-the-kinesis-benchmark";
const MIB = 1024 * 1024;

export interface KinesisBenchOptions {
  readonly engines: number;
  readonly cycles: number;
  /** Largest body, in bytes: the size that Firehose is told to gather. */
  readonly bodyBytes: number;
  readonly clients: number;
  readonly pairs: number;
}

export interface KinesisBenchResult {
  readonly options: KinesisBenchOptions;
  readonly rows: number;
  readonly requests: number;
  /** Bytes of all bodies. */
  readonly bytes: number;
  /** Rows a second. */
  readonly http: Spread;
  readonly copy: Spread;
  /** Speed of HTTP relative to COPY, pair by pair. */
  readonly httpToCopy: Spread;
  /** CPU time of the serving process per MiB of bodies, in ms. */
  readonly cpuMsPerMib: Spread | null;
  /** Largest resident set of the serving process, in MB. */
  readonly peakRssMb: number | null;
}

/** Readings as the records of requests, each of at most `bodyBytes`. */
function requests(readings: readonly Reading[], bodyBytes: number): { readonly data: string }[][] {
  const all: { data: string }[][] = [];
  let bytes = Infinity;
  for (const reading of readings) {
    const record = { data: Buffer.from(JSON.stringify(reading)).toString("base64") };
    const size = record.data.length + '{"data":""},'.length;
    if (bytes + size > bodyBytes) {
      all.push([]);
      bytes = 200; // what is around the records
    }
    all.at(-1)!.push(record);
    bytes += size;
  }
  return all;
}

/** Posts one request as Firehose does, under an identifier of its own, as a repeated one is not stored again. */
async function post(url: string, body: (requestId: string) => Uint8Array<ArrayBuffer>): Promise<void> {
  const requestId = crypto.randomUUID();
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-amz-firehose-protocol-version": "1.0",
      "x-amz-firehose-request-id": requestId,
      "x-amz-firehose-source-arn": "arn:aws:firehose:eu-central-1:123456789012:deliverystream/bench",
      "x-amz-firehose-access-key": KEY,
    },
    body: body(requestId),
  });
  const answer = await response.json();
  if (response.status !== 200) {
    throw new Error(`Cannot count this run as every request must be stored: ${answer.errorMessage}`);
  }
}

/** A request's body, encoded once, in which only the identifier changes: the client has the same two cores. */
function bodyOf(records: readonly object[]): (requestId: string) => Uint8Array<ArrayBuffer> {
  const someId = crypto.randomUUID();
  const bytes = new TextEncoder().encode(
    JSON.stringify({ requestId: someId, timestamp: Date.now(), records }),
  );
  const start = '{"requestId":"'.length;
  return (requestId) => {
    const body = bytes.slice();
    new TextEncoder().encodeInto(requestId, body.subarray(start));
    return body;
  };
}

/** Runs the benchmark on a Postgres of its own, with its default, durable settings. */
export async function benchKinesis(
  options: KinesisBenchOptions,
  progress: (line: string) => void,
): Promise<KinesisBenchResult> {
  await using database = await scratchDatabase(options.clients);
  const { sql } = database;
  const rows = sampleReadings(options.engines, options.cycles);
  const bodies = requests(rows, options.bodyBytes).map(bodyOf);
  const bytes = bodies.reduce((sum, body) => sum + body("").length, 0);
  await using serving = await serveFunction("kinesis", database.url, options.clients, {
    KINESIS_ACCESS_KEYS: KEY,
  });
  const { url, pid } = serving;

  // Once before it counts: warms up code, caches and connections, registers engines, makes partitions
  const byHttp = () => sendAll(bodies, options.clients, (body) => post(url, body));
  await byHttp();
  const copyText = await copyOut(database.url);

  const run = async (way: () => Promise<void>) => {
    await emptyReadings(sql);
    const ms = await milliseconds(way);
    const [{ count }] = await sql`select count(*)::int from public.sensor_data`;
    if (count === rows.length) return ms;
    throw new Error(`Cannot count this run as ${rows.length} rows must arrive: ${count} did`);
  };

  const times = { http: [] as number[], copy: [] as number[] };
  const cpu: number[] = [];
  for (let pair = 1; pair <= options.pairs; pair++) {
    const before = await processUsage(pid);
    times.http.push(await run(byHttp));
    const after = await processUsage(pid);
    times.copy.push(await run(() => copyIn(sql, copyText)));
    if (before && after) cpu.push((after.cpuMs - before.cpuMs) / (bytes / MIB));
    progress(
      `pair ${pair} of ${options.pairs}: HTTP ${times.http.at(-1)!.toFixed(0)} ms, ` +
        `COPY ${times.copy.at(-1)!.toFixed(0)} ms`,
    );
  }
  const perSecond = (ms: readonly number[]) => spread(ms.map((time) => rows.length / time * 1000));
  const usage = await processUsage(pid);
  return {
    options,
    rows: rows.length,
    requests: bodies.length,
    bytes,
    http: perSecond(times.http),
    copy: perSecond(times.copy),
    httpToCopy: ratios(times.copy, times.http),
    cpuMsPerMib: cpu.length > 0 ? spread(cpu) : null,
    peakRssMb: usage ? usage.peakRssBytes / 1e6 : null,
  };
}
