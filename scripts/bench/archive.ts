/**
 * Benchmark of the archive: one day of readings from Postgres into a Parquet file, by `deno task export archive`, beside
 * the way that people take without it: Postgres writes the rows as CSV, and DuckDB sorts them into Parquet.
 *
 * Hypothesis: at least half as fast as its peer, which is compiled, and whose CSV Postgres writes straight into a file of
 * its own machine; a file that is at most a fifth larger; and 256 MB of memory for a day of any size.
 *
 * Both files hold the same, or the run does not count: as many rows, and the same sums of each column.
 */

import { DuckDBInstance } from "@duckdb/node-api";
import { join } from "node:path";
import type postgres from "postgres";
import { transaction } from "../../shared/database.ts";
import { dayKey } from "../../shared/lake/keys.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";
import { FD001_SENSORS } from "./fleet.ts";
import { milliseconds, processUsage, ratios, type Spread, spread } from "./measure.ts";
import { scratchDatabase } from "./scratch.ts";

export interface ArchiveBenchOptions {
  readonly engines: number;
  /** Readings of the day. */
  readonly rows: number;
  readonly pairs: number;
}

export interface ArchiveBenchResult {
  readonly options: ArchiveBenchOptions;
  /** Milliseconds of the whole command, its start included. */
  readonly archive: Spread;
  /** Milliseconds of COPY into a CSV file, and of DuckDB. */
  readonly copy: Spread;
  readonly duckdb: Spread;
  /** Speed of the archive relative to that of its peer, pair by pair. */
  readonly speedToPeer: Spread;
  readonly bytes: number;
  readonly peerBytes: number;
  /** Of the archiving process; null where the machine does not tell. */
  readonly cpuMs: Spread | null;
  readonly peakRssMb: number | null;
}

const DAY = "2024-01-10";

/** A batch is as large as the requests of the fleet are. */
const BATCH_ROWS = 1000;

/** Writes the readings of one day in the order in which they would have come: all engines, again and again. */
async function addDay(sql: postgres.Sql, { engines, rows }: ArchiveBenchOptions): Promise<void> {
  const values = VALUE_COLUMNS.map((name) => {
    const [mean, within, , decimals] = FD001_SENSORS[name];
    return `round((${mean} + ${within} * random_normal())::numeric, ${decimals})::real`;
  });
  await sql`
    insert into public.engines (unit_number)
    select 'ENGINE_' || to_char(number, 'FM0000') from generate_series(1, ${engines}::integer) as number`;
  await sql`select public.create_sensor_data_partitions(array[${DAY}::timestamptz])`;
  await transaction(sql, async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`select setseed(0.5)`;
    await sql.unsafe(
      `insert into public.sensor_data (engine_id, cycle, "timestamp", ${VALUE_COLUMNS.join(", ")}, batch_id)
      select id, place / $1::integer + 1, '${DAY}T00:00:00Z'::timestamptz + make_interval(secs => place * 86400.0 / $2),
        ${values.join(", ")},
        ('00000000-0000-4000-8000-' || lpad(to_hex(place / ${BATCH_ROWS}), 12, '0'))::uuid
      from generate_series(0, $2::integer - 1) as place
      join (select id, row_number() over (order by unit_number) - 1 as number from public.engines) as engine
        on engine.number = place % $1::integer
      order by place`,
      [engines, rows],
    );
  });
  await sql`insert into public.sensor_data_changes (hours) values ('{(,)}')`;
  await sql`select public.roll_up_readings()`;
  await sql`vacuum analyze public.sensor_data`;
}

/** One run of the command. */
async function byArchive(
  url: string,
  folder: string,
): Promise<{ ms: number; cpuMs?: number; peakRssBytes?: number }> {
  let usage: Awaited<ReturnType<typeof processUsage>>;
  const ms = await milliseconds(async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...[
          "run",
          "--quiet",
          "-A",
          // as the task in deno.json: what COPY sends is garbage at once, and may else grow by 50 MB before it goes
          "--v8-flags=--max-semi-space-size=4",
          join(import.meta.dirname!, "..", "export.ts"),
          "archive",
          "--force",
          "--json",
        ],
        ...["--database", url, "--lake", `file://${folder}`],
      ],
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    let ended = false;
    const status = child.status.finally(() => ended = true);
    while (!ended) {
      const look = await processUsage(child.pid);
      // both only grow, so the last look is the whole; a process that has ended has no memory any more
      if (look && look.peakRssBytes > 0) usage = look;
      await Promise.race([status, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    if (!(await status).success) throw new Error("Cannot count this run as the archive must end well");
  });
  return { ms, ...usage };
}

/** CSV by Postgres, into a file that it writes itself; then Parquet by DuckDB. */
async function byDuckdb(
  sql: postgres.Sql,
  folder: string,
  target: string,
): Promise<{ copy: number; duckdb: number }> {
  const csv = join(folder, "readings.csv");
  const columns = VALUE_COLUMNS.map((name) => `'${name}': 'FLOAT'`).join(", ");
  const copy = await milliseconds(() =>
    sql.unsafe(`
      copy (
        select unit_number, cycle, "timestamp", ${VALUE_COLUMNS.join(", ")}, batch_id, reading.created_at
        from public.sensor_data as reading join public.engines on engines.id = engine_id
        where "timestamp" >= '${DAY}T00:00:00Z' and "timestamp" < timestamptz '${DAY}T00:00:00Z' + interval '24 hours'
      ) to '${csv}' (format csv, header)`)
  );
  const duckdb = await milliseconds(async () => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(`
      copy (
        select * from read_csv('${csv}', header = true, columns = {
          'engine_id': 'VARCHAR', 'cycle': 'INTEGER', 'timestamp': 'TIMESTAMPTZ', ${columns},
          'batch_id': 'UUID', 'created_at': 'TIMESTAMPTZ'
        })
        order by engine_id, timestamp
      ) to '${target}' (format parquet)`);
    connection.closeSync();
    instance.closeSync();
  });
  await Deno.remove(csv);
  return { copy, duckdb };
}

/** Both files hold the same readings. */
async function compare(one: string, other: string, rows: number): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const measure = (path: string) =>
    `select count(*), min(timestamp), max(timestamp), count(distinct engine_id), count(distinct batch_id), sum(cycle), ${
      VALUE_COLUMNS.map((name) => `sum(floor(${name}::double * 65536)::hugeint)`).join(", ")
    } from '${path}'`;
  const [a, b] = await Promise.all(
    [one, other].map(async (path) =>
      JSON.stringify((await connection.runAndReadAll(measure(path))).getRowsJson()[0])
    ),
  );
  connection.closeSync();
  instance.closeSync();
  if (a === b && a.startsWith(`["${rows}",`)) return;
  throw new Error(`Cannot count this run as both files must hold the same: ${a} and ${b}`);
}

/** Runs the benchmark on a Postgres of its own, with its default, durable settings. */
export async function benchArchive(
  options: ArchiveBenchOptions,
  progress: (line: string) => void,
): Promise<ArchiveBenchResult> {
  await using database = await scratchDatabase(1);
  const { sql, url } = database;
  progress(`archive: making a day of ${options.rows.toLocaleString("en-US")} readings`);
  await addDay(sql, options);

  const folder = await Deno.makeTempDir({ prefix: "spool-bench-lake-" });
  await Deno.chmod(folder, 0o777); // Postgres may be another user
  try {
    const file = join(folder, dayKey(DAY));
    const peerFile = join(folder, "peer.parquet");
    const runs: Awaited<ReturnType<typeof byArchive>>[] = [];
    const peers: Awaited<ReturnType<typeof byDuckdb>>[] = [];
    for (let pair = 0; pair <= options.pairs; pair++) {
      let ours: typeof runs[number];
      let theirs: typeof peers[number];
      const ways = [
        async () => ours = await byArchive(url, folder),
        async () => theirs = await byDuckdb(sql, folder, peerFile),
      ];
      // in turn, so that neither always comes first
      for (const way of pair % 2 === 1 ? ways : ways.toReversed()) await way();
      await compare(file, peerFile, options.rows);
      progress(
        `archive: ${pair === 0 ? "warm-up" : `pair ${pair} of ${options.pairs}`}: ${
          ours!.ms.toFixed(0)
        } ms, peer ${(theirs!.copy + theirs!.duckdb).toFixed(0)} ms`,
      );
      if (pair === 0) continue;
      runs.push(ours!);
      peers.push(theirs!);
    }
    const cpu = runs.map(({ cpuMs }) => cpuMs).filter((ms) => ms !== undefined);
    const rss = runs.map(({ peakRssBytes }) => peakRssBytes).filter((bytes) => bytes !== undefined);
    return {
      options,
      archive: spread(runs.map(({ ms }) => ms)),
      copy: spread(peers.map(({ copy }) => copy)),
      duckdb: spread(peers.map(({ duckdb }) => duckdb)),
      speedToPeer: ratios(peers.map(({ copy, duckdb }) => copy + duckdb), runs.map(({ ms }) => ms)),
      bytes: (await Deno.stat(file)).size,
      peerBytes: (await Deno.stat(peerFile)).size,
      cpuMs: cpu.length > 0 ? spread(cpu) : null,
      peakRssMb: rss.length > 0 ? Math.max(...rss) / 1e6 : null,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
