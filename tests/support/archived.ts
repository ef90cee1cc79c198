/** Readings to archive, and where to. */

import type postgres from "postgres";
import {
  archiveDays,
  type ArchiveDaysOptions,
  type ArchiveReport,
} from "../../shared/archive/archive_days.ts";
import { FileLake } from "../../shared/lake/file_lake.ts";
import type { Lake } from "../../shared/lake/lake.ts";
import { VALUE_COLUMNS } from "../../shared/sensors.ts";

/** A lake in a folder of its own, which is removed. */
export interface LakeFolder extends AsyncDisposable {
  readonly path: string;
  readonly lake: FileLake;
}

export async function lakeFolder(): Promise<LakeFolder> {
  const path = await Deno.makeTempDir({ prefix: "spool-lake-" });
  return {
    path,
    lake: new FileLake(path),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** A reading that the intake would not make, but that the table holds: any value that Postgres reads from text. */
export interface StoredReading {
  readonly engine: string;
  readonly cycle: number;
  readonly timestamp: string;
  /** Of all measured columns; null and texts such as NaN among them. */
  readonly values?: readonly (string | number | null)[];
  readonly batch?: string;
  readonly createdAt?: string;
}

export const BATCH = "00000000-0000-4000-8000-000000000001";

/** Writes readings past the intake, with the triggers that note them. */
export async function storeReadings(sql: postgres.Sql, readings: readonly StoredReading[]): Promise<void> {
  const rows = readings.map((
    { engine, cycle, timestamp, values, batch = BATCH, createdAt = "2024-06-01T00:00:00Z" },
  ) => ({
    engine,
    cycle,
    timestamp,
    batch,
    created_at: createdAt,
    values: (values ?? VALUE_COLUMNS.map((_, i) => i + cycle / 4)).map((value) =>
      value === null ? null : String(value)
    ),
  }));
  const text = JSON.stringify(rows);
  await sql`
    insert into engines (unit_number)
    select distinct engine from json_to_recordset(${text}::text::json) as reading (engine text) on conflict do nothing`;
  await sql`
    select create_sensor_data_partitions(array_agg(distinct "timestamp"))
    from json_to_recordset(${text}::text::json) as reading ("timestamp" timestamptz)`;
  await sql.unsafe(
    `insert into sensor_data
     select engines.id, cycle, "timestamp", ${
      VALUE_COLUMNS.map((_, i) => `(values ->> ${i})::real`).join(", ")
    }, batch, reading.created_at
     from json_to_recordset($1::text::json) as reading (
       engine text, cycle integer, "timestamp" timestamptz, batch uuid, created_at timestamptz, values json
     )
     join engines on engines.unit_number = engine`,
    [text],
  );
}

/** A moment long after the readings of the tests. */
export const LATER = new Date("2024-07-01T12:00:00Z");

/** A day of readings of ten engines, made inside Postgres, and noted as a change of its day only. */
export async function manyReadings(sql: postgres.Sql, count: number, day = "2024-01-31"): Promise<void> {
  await sql`select create_sensor_data_partitions(array[${day}::timestamptz])`;
  await sql`insert into engines (unit_number) select 'MANY_' || n from generate_series(0, 9) as n on conflict do nothing`;
  await sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`; // rolling up would take most of the test's time
    await sql.unsafe(
      `insert into sensor_data
      select engines.id, n, $2::timestamptz + n * interval '1 microsecond',
        ${VALUE_COLUMNS.map((_, i) => `(n * ${i + 1}) % 7919`).join(", ")}, '${BATCH}', '2024-06-01T00:00:00Z'
      from generate_series(1, $1::integer) as n
      join engines on engines.unit_number = 'MANY_' || n % 10`,
      [count, `${day}T00:00:00Z`],
    );
    await sql`
      insert into sensor_data_days (day) values (${day}) on conflict (day) do update set version = sensor_data_days.version + 1`;
  });
}

/** Archives all days that are over. */
export function archiveAll(
  sql: postgres.Sql,
  lake: Lake,
  options: Partial<ArchiveDaysOptions> = {},
): Promise<ArchiveReport> {
  return archiveDays(sql, lake, { asOf: LATER, ...options });
}

/** Where DuckDB finds all days of a lake in a folder. */
export function daysOf(path: string): string {
  return `read_parquet('${path}/processed/year=*/month=*/day=*/sensor_data.parquet', hive_partitioning = true)`;
}
