/** What a database holds after a test sent it something. */

import type postgres from "postgres";

/** Rows of each table the intake writes to. */
export interface Stored {
  readonly readings: number;
  readonly engines: number;
  readonly batches: number;
  readonly deadLetters: number;
}

/** Counts the rows of the intake's tables. */
export async function stored(sql: postgres.Sql): Promise<Stored> {
  const [row] = await sql<Stored[]>`
    select
      (select count(*)::integer from sensor_data) as readings,
      (select count(*)::integer from engines) as engines,
      (select count(*)::integer from batches) as batches,
      (select count(*)::integer from dead_letters) as "deadLetters"`;
  return { ...row };
}

/** What {@link stored} says of a database nothing has been sent to. */
export const NOTHING: Stored = { readings: 0, engines: 0, batches: 0, deadLetters: 0 };

/** One dead letter as its table holds it; the payload as its exact text. */
export interface StoredDeadLetter {
  readonly position: number;
  readonly payload: string;
  readonly path: string;
  readonly reason: string;
  readonly seen: number;
}

/** All dead letters, in the order of their batch. */
export async function storedDeadLetters(sql: postgres.Sql): Promise<StoredDeadLetter[]> {
  const rows = await sql<StoredDeadLetter[]>`
    select position, payload::text as payload, path, reason, seen from dead_letters order by position, id`;
  return rows.map((row) => ({ ...row }));
}

/** Names of the months that have a partition, oldest first: `2024_01`. */
export async function storedMonths(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`
    select right(inhrelid::regclass::text, 7) as month
    from pg_inherits where inhparent = 'public.sensor_data'::regclass order by month`;
  return rows.map((row) => row.month);
}

/** Deadlocks in this database so far, as told by sessions that have ended. */
export async function deadlocks(sql: postgres.Sql): Promise<number> {
  const [row] = await sql`
    select deadlocks::integer as count from pg_stat_database where datname = current_database()`;
  return row.count;
}
