/**
 * Benchmark of POST /ingest: concurrent clients over HTTP into the real table, beside its two peers.
 *
 * Hypothesis: an intake that validates, deduplicates, registers engines and makes partitions can keep half of
 * the speed of COPY, which does none of it; and is at least five times as fast as looking each engine up and
 * inserting a thousand rows at a time, the way the plan began with.
 *
 * All three write the same rows into the same table with the same keys, on the same server, in turn.
 */

import type postgres from "postgres";
import type { Reading } from "../../shared/reading.ts";
import { copyIn, copyOut } from "./copy.ts";
import { milliseconds, processUsage, ratios, type Spread, spread } from "./measure.ts";
import { sampleReadings } from "./sample_readings.ts";
import { emptyReadings, scratchDatabase } from "./scratch.ts";
import { sendAll, serveFunction } from "./served_function.ts";

const KEY = "key-of-the-ingest-benchmark";

export interface IngestBenchOptions {
  readonly engines: number;
  readonly cycles: number;
  readonly batch: number;
  readonly clients: number;
  readonly pairs: number;
}

export interface IngestBenchResult {
  readonly options: IngestBenchOptions;
  readonly rows: number;
  /** Rows a second. */
  readonly http: Spread;
  readonly copy: Spread;
  readonly original: Spread;
  /** Speed of HTTP relative to the peer, pair by pair. */
  readonly httpToCopy: Spread;
  readonly httpToOriginal: Spread;
  /** CPU time of the serving process a request, in ms. */
  readonly cpuMsPerRequest: Spread | null;
  /** Largest resident set of the serving process, in MB. */
  readonly peakRssMb: number | null;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, i) => items.slice(i * size, (i + 1) * size),
  );
}

/** One lookup a row, then a thousand rows an insert. */
async function byOriginalWay(sql: postgres.Sql, rows: readonly Reading[], batchId: string): Promise<void> {
  for (const chunk of chunks(rows, 1000)) {
    const resolved = [];
    for (const { engine_id, ...values } of chunk) {
      const [{ id }] = await sql`select id from public.engines where unit_number = ${engine_id}`;
      resolved.push({ engine_id: id, ...values, batch_id: batchId });
    }
    await sql`insert into public.sensor_data ${sql(resolved)}`;
  }
}

async function post(url: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${KEY}` },
    body,
  });
  const answer = await response.json();
  if (response.status !== 200 || answer.rejected !== 0 || answer.duplicates !== 0) {
    const fault = answer.detail ?? answer.errors?.[0]?.message ?? `${answer.duplicates} duplicates`;
    throw new Error(`Cannot count this run as every reading must be accepted: ${fault}`);
  }
}

/** Runs the benchmark on a Postgres of its own, with its default, durable settings. */
export async function benchIngest(
  options: IngestBenchOptions,
  progress: (line: string) => void,
): Promise<IngestBenchResult> {
  await using database = await scratchDatabase(options.clients);
  const { sql } = database;
  const rows = sampleReadings(options.engines, options.cycles);
  const encoder = new TextEncoder();
  const bodies = chunks(rows, options.batch).map((chunk) => encoder.encode(JSON.stringify(chunk)));
  await using serving = await serveFunction("ingest", database.url, options.clients, { INGEST_KEYS: KEY });
  const { url, pid } = serving;

  // Once before it counts: warms up code, caches and connections, registers engines, makes partitions
  const byHttp = () => sendAll(bodies, options.clients, (body) => post(url, body));
  await byHttp();
  const copyText = await copyOut(database.url);
  const batchId = crypto.randomUUID();

  const run = async (way: () => Promise<void>) => {
    await emptyReadings(sql);
    const ms = await milliseconds(way);
    const [{ count }] = await sql`select count(*)::int from public.sensor_data`;
    if (count === rows.length) return ms;
    throw new Error(`Cannot count this run as ${rows.length} rows must arrive: ${count} did`);
  };

  const times = { http: [] as number[], copy: [] as number[], original: [] as number[] };
  const cpu: number[] = [];
  for (let pair = 1; pair <= options.pairs; pair++) {
    const before = await processUsage(pid);
    times.http.push(await run(byHttp));
    const after = await processUsage(pid);
    times.copy.push(await run(() => copyIn(sql, copyText)));
    times.original.push(await run(() => byOriginalWay(sql, rows, batchId)));
    if (before && after) cpu.push((after.cpuMs - before.cpuMs) / bodies.length);
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
    http: perSecond(times.http),
    copy: perSecond(times.copy),
    original: perSecond(times.original),
    httpToCopy: ratios(times.copy, times.http),
    httpToOriginal: ratios(times.original, times.http),
    cpuMsPerRequest: cpu.length > 0 ? spread(cpu) : null,
    peakRssMb: usage ? usage.peakRssBytes / 1e6 : null,
  };
}
