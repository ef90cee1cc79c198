/** What is in the database, in one screen. */

import type postgres from "postgres";
import { table } from "./table.ts";

interface Fleet {
  fleet: string;
  engines: number;
  readings: number;
  fewest_cycles: number | null;
  most_cycles: number | null;
  first_reading: string | null;
  last_reading: string | null;
  mean_rul: number | null;
}

interface Intake {
  source: string;
  batches: number;
  received: number;
  accepted: number;
  duplicates: number;
  rejected: number;
}

/** The summary as numbers. */
export interface Summary {
  readonly fleets: readonly Fleet[];
  readonly intake: readonly Intake[];
  readonly dead_letters_open: number;
  readonly partitions: { readonly present: number; readonly gap: number; readonly missing: number };
}

/** Counts what is there: engines and readings by fleet, what came through each door, dead letters, partitions. */
export async function summarise(sql: postgres.Sql): Promise<Summary> {
  const fleets = await sql<Fleet[]>`
    with per_engine as (
      select engine_id, count(*) as readings, max(cycle) as cycles, min("timestamp") as first, max("timestamp") as last
      from public.sensor_data
      group by engine_id
    )
    select
      coalesce(concat_ws(' ', engines.dataset, engines.subset), '') as fleet,
      count(*)::int as engines,
      coalesce(sum(readings), 0)::float8 as readings,
      min(cycles) as fewest_cycles,
      max(cycles) as most_cycles,
      to_char(min(first) at time zone 'UTC', 'YYYY-MM-DD') as first_reading,
      to_char(max(last) at time zone 'UTC', 'YYYY-MM-DD') as last_reading,
      round(avg(engines.life_cycles - cycles), 1)::float8 as mean_rul
    from public.engines
    left join per_engine on per_engine.engine_id = engines.id
    group by engines.dataset, engines.subset
    order by engines.dataset nulls last, engines.subset desc`;
  const intake = await sql<Intake[]>`
    select
      source, count(*)::int as batches, sum(received)::float8 as received, sum(accepted)::float8 as accepted,
      sum(duplicates)::float8 as duplicates, sum(rejected)::float8 as rejected
    from public.batches
    group by source
    order by source`;
  const [{ open }] =
    await sql`select count(*)::int as open from public.dead_letters where replayed_at is null`;
  const [partitions] = await sql<Summary["partitions"][]>`
    select
      count(*) filter (where state = 'present')::int as present,
      count(*) filter (where state = 'gap')::int as gap,
      count(*) filter (where state = 'missing')::int as missing
    from public.sensor_data_partition_report()`;
  return { fleets: [...fleets], intake: [...intake], dead_letters_open: open, partitions };
}

/** The summary for people. */
export function summaryText({ fleets, intake, dead_letters_open, partitions }: Summary): string {
  const parts = [
    fleets.length === 0 ? "No engines yet." : table(
      ["fleet", "engines", "readings", "cycles", "first reading", "last reading", "cycles left (mean)"],
      fleets.map((fleet) => [
        fleet.fleet || "other engines",
        fleet.engines,
        fleet.readings,
        fleet.fewest_cycles === null ? null : `${fleet.fewest_cycles}–${fleet.most_cycles}`,
        fleet.first_reading,
        fleet.last_reading,
        fleet.mean_rul,
      ]),
    ),
    intake.length === 0 ? "Nothing has arrived yet." : table(
      ["arrived by", "batches", "received", "accepted", "duplicates", "rejected"],
      intake.map((
        { source, batches, received, accepted, duplicates, rejected },
      ) => [source, batches, received, accepted, duplicates, rejected]),
    ),
    `Dead letters open: ${dead_letters_open}. Monthly partitions: ${partitions.present} present, ` +
    `${partitions.missing} missing ahead, ${partitions.gap} gaps.`,
  ];
  return parts.join("\n\n");
}
