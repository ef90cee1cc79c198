/**
 * Benchmark of POST /ingest: concurrent clients over HTTP into the real table, beside its two peers.
 *
 * Hypothesis: an intake that validates, deduplicates, registers engines and makes partitions can keep half of
 * the speed of COPY, which does none of it; and is at least five times as fast as looking each engine up and
 * inserting a thousand rows at a time, the way the plan began with.
 *
 * All three write the same rows into the same table with the same keys, on the same server, in turn.
 */

import { join } from "node:path";
import type postgres from "postgres";
import type { Reading } from "../../shared/reading.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import { freePort } from "../local/postgres.ts";
import { Random } from "../simulation/random.ts";
import { copyIn, copyOut } from "./copy.ts";
import { milliseconds, processUsage, ratios, type Spread, spread } from "./measure.ts";
import { emptyReadings, scratchDatabase } from "./scratch.ts";

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

/** Healthy FD001 values and their noise, as in docs: mean, standard deviation, decimals. */
const VALUES: readonly (readonly [number, number, number])[] = [
  [0, 0.002, 4],
  [0, 0.0003, 4],
  [100, 0, 1],
  [642.4, 0.3, 2],
  [1587, 4, 2],
  [1403, 4, 2],
  [554, 0.4, 2],
  [2388.06, 0.03, 2],
  [9056, 4.2, 2],
  [47.4, 0.1, 2],
  [521.9, 0.3, 2],
  [2388.06, 0.03, 2],
  [8137, 3.1, 2],
  [8.42, 0.02, 4],
  [392, 0.9, 0],
  [38.9, 0.1, 2],
  [23.36, 0.06, 4],
];

function fleet({ engines, cycles }: IngestBenchOptions): Reading[] {
  const random = new Random(1);
  const rows: Reading[] = [];
  for (let engine = 1; engine <= engines; engine++) {
    for (let cycle = 1; cycle <= cycles; cycle++) {
      rows.push({
        engine_id: `ENGINE_${String(engine).padStart(3, "0")}`,
        cycle,
        timestamp: new Date(Date.UTC(2024, 0, cycle)).toISOString(),
        ...Object.fromEntries(VALUE_COLUMNS.map((column, i) => {
          const [mean, deviation, decimals] = VALUES[i];
          return [column, Number((mean + (random.uniform() - 0.5) * 3.46 * deviation).toFixed(decimals))];
        })),
      } as Reading);
    }
  }
  return rows;
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

async function byHttp(
  url: string,
  bodies: readonly Uint8Array<ArrayBuffer>[],
  clients: number,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: clients }, async () => {
    while (next < bodies.length) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${KEY}` },
        body: bodies[next++],
      });
      const answer = await response.json();
      if (response.status !== 200 || answer.rejected !== 0 || answer.duplicates !== 0) {
        const fault = answer.detail ?? answer.errors?.[0]?.message ?? `${answer.duplicates} duplicates`;
        throw new Error(`Cannot count this run as every reading must be accepted: ${fault}`);
      }
    }
  }));
}

/** Heap of the function in MB: Supabase's limit for one isolate, under which V8 collects earlier. */
const HOSTED_HEAP_MB = 256;

/** The edge function as a process of its own, with the heap it has on Supabase. */
async function serveIngest(databaseUrl: string, connections: number) {
  const port = freePort();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "-A",
      `--v8-flags=--max-heap-size=${HOSTED_HEAP_MB}`,
      join(import.meta.dirname!, "..", "..", "functions", "ingest", "index.ts"),
    ],
    env: {
      DATABASE_URL: databaseUrl,
      DATABASE_POOL_SIZE: String(connections),
      INGEST_KEYS: KEY,
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
    },
    stdout: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}/ingest`;
  for (let attempt = 0;; attempt++) {
    try {
      await (await fetch(url)).body?.cancel();
      return {
        url,
        pid: child.pid,
        async [Symbol.asyncDispose]() {
          child.kill("SIGTERM");
          await child.status;
        },
      };
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Runs the benchmark on a Postgres of its own, with its default, durable settings. */
export async function benchIngest(
  options: IngestBenchOptions,
  progress: (line: string) => void,
): Promise<IngestBenchResult> {
  await using database = await scratchDatabase(options.clients);
  const { sql } = database;
  const rows = fleet(options);
  const encoder = new TextEncoder();
  const bodies = chunks(rows, options.batch).map((chunk) => encoder.encode(JSON.stringify(chunk)));
  await using serving = await serveIngest(database.url, options.clients);
  const { url, pid } = serving;

  // Once before it counts: warms up code, caches and connections, registers engines, makes partitions
  await byHttp(url, bodies, options.clients);
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
    times.http.push(await run(() => byHttp(url, bodies, options.clients)));
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
